// The RSA keys that a user pool signs its tokens with; the private halves never leave this process.
import { generateKeyPair, randomBytes, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

export type SigningKey = { readonly kid: string; readonly privateKey: KeyObject; readonly jwk: object }

/** Cognito signs access and ID tokens with different keys, so that one is never taken for the other. */
export type SigningKeys = { readonly access: SigningKey; readonly id: SigningKey }

/** The keys of one pool: made when they are first wanted (a good tenth of a second), and the same ever after. */
export type SigningKeySource = () => Promise<SigningKeys>

const generate = promisify(generateKeyPair)

export function lazySigningKeys(): SigningKeySource {
  let keys: Promise<SigningKeys> | undefined
  return () => (keys ??= makeSigningKeys())
}

async function makeSigningKeys(): Promise<SigningKeys> {
  const [access, id] = await Promise.all([makeSigningKey(), makeSigningKey()])
  return { access, id }
}

/** The key set as the pool publishes it. */
export function keySetOf({ access, id }: SigningKeys): object {
  return { keys: [id.jwk, access.jwk] }
}

async function makeSigningKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await generate('rsa', { modulusLength: 2048 })
  const kid = randomBytes(32).toString('base64')
  const { e, kty, n } = publicKey.export({ format: 'jwk' })
  return { kid, privateKey, jwk: { alg: 'RS256', e, kid, kty, n, use: 'sig' } }
}
