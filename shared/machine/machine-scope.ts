// The scope of a creation, by which the rotation tries a client as well, and what a token says of its own; it verifies no token: that is the
// authorizer's work.
import * as z from 'zod/mini'
import type { Scope } from '../access-rules.ts'
import { parseJson } from '../text/parse-json.ts'
import type { SecretValue } from '../text/secret-value.ts'

export const creationScope: Scope = 'app2/users.create'

const scopedPayload = z.object({ scope: z.string() })

/** Whoever asked for the token over TLS trusts whom it asked: the signature is not looked at. */
export function readUnverifiedScope(unverifiedToken: SecretValue): string | undefined {
  const [, payload = ''] = unverifiedToken.expose().split('.')
  return z.safeParse(scopedPayload, parseJson(Buffer.from(payload, 'base64url').toString('utf8'))).data?.scope
}
