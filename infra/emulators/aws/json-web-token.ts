// The keys that issuers of local AWS sign JSON Web Tokens with, and the signing; the private halves never leave this process.
import { generateKeyPair, randomBytes, sign, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'

export type SigningAlgorithm = 'RS256' | 'ES384'

export type SigningKey = {
  readonly kid: string
  readonly algorithm: SigningAlgorithm
  readonly privateKey: KeyObject
  /** Its public half, to which the issuer may add the algorithm. */
  readonly jwk: object
}

const generate = promisify(generateKeyPair)
const signAsync = promisify(sign)

/** An RSA key of 2,048 bits, or one on the curve P-384. */
export async function makeSigningKey(
  algorithm: SigningAlgorithm,
  kid = randomBytes(32).toString('base64'),
): Promise<SigningKey> {
  const { publicKey, privateKey } =
    algorithm === 'RS256'
      ? await generate('rsa', { modulusLength: 2048 })
      : await generate('ec', { namedCurve: 'P-384' })
  return { kid, algorithm, privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig' } }
}

export async function signToken({ kid, algorithm, privateKey }: SigningKey, claims: object): Promise<string> {
  const signed = `${base64url({ kid, alg: algorithm })}.${base64url(claims)}`
  // RFC 7518 has both halves of an ECDSA signature side by side; RSA does not look at the encoding.
  const signature = await signAsync(digests[algorithm], Buffer.from(signed), {
    key: privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  return `${signed}.${signature.toString('base64url')}`
}

const digests = { RS256: 'sha256', ES384: 'sha384' } as const satisfies Record<SigningAlgorithm, string>

function base64url(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
