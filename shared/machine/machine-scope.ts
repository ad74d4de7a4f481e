// The scope of a creation, by which the rotation tries a client as well, and what a token says of its own; it verifies no token: that is the
// authorizer's work.
import type { Scope } from '../access-rules.ts'
import { readUnverifiedPayload } from '../jwt/unverified-payload.ts'
import type { SecretValue } from '../text/secret-value.ts'

export const creationScope: Scope = 'app2/users.create'

/** Whoever asked for the token over TLS trusts whom it asked: the signature is not looked at. */
export function readUnverifiedScope(unverifiedToken: SecretValue): string | undefined {
  const scope = readUnverifiedPayload(unverifiedToken.expose())?.['scope']
  return typeof scope === 'string' ? scope : undefined
}
