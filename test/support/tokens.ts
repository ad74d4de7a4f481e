// Builders of signing keys, JWKS and tokens as Cognito writes them; each part can be replaced. Uses no network.
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import type { AppClient, ClaimsRules } from '#services/app2-accounts/authorizer/access-claims.ts'

export const testPool = {
  userPoolId: 'eu-west-1_TestPool1',
  issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_TestPool1',
  machineClientId: 'machineclient0000000000000',
  serviceClientId: 'serviceclient0000000000000',
  machineScopeClientId: 'machinescopeclient00000000',
  serviceScopeClientId: 'servicescopeclient00000000',
} as const

/** All clients that there can be, as while a team moves from passwords to scopes. */
export const testClients: ReadonlyMap<string, AppClient> = new Map<string, AppClient>([
  [testPool.machineClientId, { client: 'machine', token: 'user' }],
  [testPool.serviceClientId, { client: 'service', token: 'user' }],
  [testPool.machineScopeClientId, { client: 'machine', token: 'machine' }],
  [testPool.serviceScopeClientId, { client: 'service', token: 'machine' }],
])

export const testRules: ClaimsRules = { clients: testClients, refuseIssuedBefore: new Map() }

export type PublicJwk = { kty: 'RSA'; use: 'sig'; alg: 'RS256'; kid: string; n: string; e: string }

/** A member that is set to undefined is left out of the token. */
export type Changes = Readonly<Record<string, unknown>>

export type TokenParts = { readonly header?: Changes; readonly claims?: Changes; readonly now?: number }

export type Signer = {
  readonly kid: string
  readonly jwk: PublicJwk
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** A machine user's access token, valid for an hour from `now` (epoch milliseconds, the present unless told). */
  accessToken(parts?: TokenParts): string
  /** The same user's ID token. */
  idToken(parts?: TokenParts): string
  /** Any two texts, signed as header and payload: for what no object can hold, such as a claim that is there twice. */
  signText(header: string, payload: string): string
  /** Two parts that are encoded already, signed as they stand: for spellings that no encoder writes. */
  signParts(encodedHeader: string, encodedPayload: string): string
}

/** A fresh RSA key pair of 2048 bits under `kid`. It takes about 100 ms: make one for a file, not one for a test. */
export function createSigner(kid = 'test-key-1'): Signer {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const { n = '', e = '' } = publicKey.export({ format: 'jwk' })
  const signParts = (encodedHeader: string, encodedPayload: string): string => {
    const input = `${encodedHeader}.${encodedPayload}`
    return `${input}.${sign('RSA-SHA256', Buffer.from(input), privateKey).toString('base64url')}`
  }
  const signText = (header: string, payload: string): string => signParts(encode(header), encode(payload))
  const signClaims = (claims: Changes, header: Changes = {}): string =>
    signText(JSON.stringify({ kid, alg: 'RS256', ...header }), JSON.stringify(claims))
  return {
    kid,
    jwk: { kty: 'RSA', use: 'sig', alg: 'RS256', kid, n, e },
    privateKey,
    publicKey,
    signText,
    signParts,
    accessToken: ({ header, claims, now } = {}) => signClaims({ ...accessTokenClaims(now), ...claims }, header),
    idToken: ({ header, claims, now } = {}) => signClaims({ ...idTokenClaims(now), ...claims }, header),
  }
}

/** The JWKS document that has the public keys of `signers`. */
export function jwksOf(...signers: readonly Signer[]): { keys: PublicJwk[] } {
  return { keys: signers.map(({ jwk }) => jwk) }
}

/** What a service user's token says in place of the machine user's. */
export const serviceUserClaims = {
  client_id: testPool.serviceClientId,
  username: 'orders-worker',
  'cognito:groups': ['service-user'],
} as const

/** What a machine's own token says in place of the machine user's: it names no user and has no groups. */
export const machineScopeClaims = {
  client_id: testPool.machineScopeClientId,
  sub: testPool.machineScopeClientId,
  username: undefined,
  'cognito:groups': undefined,
  origin_jti: undefined,
  event_id: undefined,
  scope: 'app2/users.create',
} as const

/** The same of a service that has a client of its own. */
export const serviceScopeClaims = {
  ...machineScopeClaims,
  client_id: testPool.serviceScopeClientId,
  sub: testPool.serviceScopeClientId,
  scope: 'app2/sample.call',
} as const

/**
 * `token` with the last character of its signature replaced by another that stands for the same bytes: the `nth` of
 * 15, since 256 bytes are 342 characters, the last of which carries two bits of its six.
 */
export function respellSignature(token: string, nth = 1): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return token.slice(0, -1) + alphabet.charAt(alphabet.indexOf(token.slice(-1)) + nth)
}

/** What an access token of a machine user holds; times in seconds. */
export function accessTokenClaims(now = Date.now()): Record<string, unknown> {
  return {
    ...commonClaims(now),
    token_use: 'access',
    client_id: testPool.machineClientId,
    username: 'latchkey-machine-abcdefghijklmnopqrstuvwxyz',
    scope: 'aws.cognito.signin.user.admin',
    version: 2,
  }
}

function idTokenClaims(now = Date.now()): Record<string, unknown> {
  return {
    ...commonClaims(now),
    token_use: 'id',
    aud: testPool.machineClientId,
    'cognito:username': 'latchkey-machine-abcdefghijklmnopqrstuvwxyz',
  }
}

function commonClaims(now: number): Record<string, unknown> {
  const issuedAt = Math.floor(now / 1_000)
  return {
    sub: '0a1b2c3d-0000-4000-8000-00000000cafe',
    iss: testPool.issuer,
    'cognito:groups': ['api-client'],
    origin_jti: '11111111-0000-4000-8000-000000000001',
    jti: '11111111-0000-4000-8000-000000000002',
    event_id: '11111111-0000-4000-8000-000000000003',
    auth_time: issuedAt,
    iat: issuedAt,
    exp: issuedAt + 3_600,
  }
}

function encode(text: string): string {
  return Buffer.from(text).toString('base64url')
}
