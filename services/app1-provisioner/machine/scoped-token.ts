// Whether the one scope that App1 asks for came with a token; it verifies no token: that is the authorizer's work.
import { machineScope, readUnverifiedScope } from '#shared/machine/machine-scope.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import type { SignInResult } from './sign-in.ts'

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
  if (granted !== machineScope) return { kind: 'misconfigured', reason: 'unexpected_scope' }
  return { kind: 'signed_in', accessToken, expiresInSeconds }
}
