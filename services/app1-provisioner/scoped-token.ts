// The one scope that App1 asks for, and whether it came; it vouches for no token: that is the authorizer's work.
import * as z from 'zod/mini'
import type { Scope } from '../../shared/access-rules.ts'
import { parseJson } from '../../shared/parse-json.ts'
import type { SecretValue } from '../../shared/secret-value.ts'
import type { SignInResult } from './sign-in.ts'

export const wantedScope: Scope = 'app2/users.create'

type IssuedToken = {
  readonly accessToken: SecretValue
  readonly expiresInSeconds: number
  /** As the answer names it, if it does: whoever grants just what was asked for need not (RFC 6749, section 5.1). */
  readonly scope?: string | undefined
}

/**
 * Signed in, if the token has the wanted scope and no other. One that could do more is not for App1 to carry around, and
 * with one that can do less App2 would refuse every request: either way the client is set up wrongly.
 */
export function signedInWithScope({ accessToken, expiresInSeconds, scope }: IssuedToken): SignInResult {
  const granted = scope ?? readUnverifiedScope(accessToken)
  if (granted !== wantedScope) return { kind: 'misconfigured', reason: 'unexpected_scope' }
  return { kind: 'signed_in', accessToken, expiresInSeconds }
}

const scopedPayload = z.object({ scope: z.string() })

/** What the token says of itself. Its signature is not looked at, since App1 trusts whom it asked, over TLS. */
function readUnverifiedScope(unverifiedToken: SecretValue): string | undefined {
  const [, payload = ''] = unverifiedToken.expose().split('.')
  return z.safeParse(scopedPayload, parseJson(Buffer.from(payload, 'base64url').toString('utf8'))).data?.scope
}
