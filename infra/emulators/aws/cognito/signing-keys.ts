// The RSA keys that a user pool signs its tokens with.
import { makeSigningKey, type SigningKey } from '../json-web-token.ts'

/** Cognito signs access and ID tokens with different keys, so that one is never taken for the other. */
export type SigningKeys = { readonly access: SigningKey; readonly id: SigningKey }

/** The keys of one pool: made when they are first wanted (a good tenth of a second), and the same ever after. */
export type SigningKeySource = () => Promise<SigningKeys>

export function lazySigningKeys(): SigningKeySource {
  let keys: Promise<SigningKeys> | undefined
  return () => (keys ??= makeSigningKeys())
}

async function makeSigningKeys(): Promise<SigningKeys> {
  const [access, id] = await Promise.all([makeSigningKey('RS256'), makeSigningKey('RS256')])
  return { access, id }
}

/** The key set as the pool publishes it. */
export function keySetOf({ access, id }: SigningKeys): object {
  return { keys: [id, access].map(({ algorithm, jwk }) => ({ alg: algorithm, ...jwk })) }
}
