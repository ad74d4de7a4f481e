// What stands behind the tokens of one sign-in: finding it by a token, renewing it, ending it. Tokens are kept as digests.
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { AwsError } from '../aws-error.ts'
import { notAuthorized } from './errors.ts'
import type { AppClient, CognitoState, Grant, IssuedRefreshToken, User, UserPool } from './state.ts'
import { makeTokens } from './tokens.ts'

type SignedIn = {
  readonly state: CognitoState
  readonly pool: UserPool
  readonly client: AppClient
  readonly user: User
}

/** AuthenticationResultType of the service model. */
export type AuthenticationResult = {
  readonly AccessToken: string
  readonly ExpiresIn: number
  readonly TokenType: 'Bearer'
  readonly RefreshToken?: string
  readonly IdToken: string
}

/** The tokens of a new sign-in. */
export async function signIn(signedIn: SignedIn): Promise<AuthenticationResult> {
  const { state, pool, client, user } = signedIn
  const grant: Grant = {
    originJti: randomUUID(),
    poolId: pool.id,
    clientId: client.id,
    sub: user.sub,
    authTimeSeconds: Math.floor(state.now() / 1000),
    expiresAt: state.now() + client.refreshTokenSeconds * 1000,
    revoked: false,
  }
  user.grants.add(grant)
  return { ...(await renew(signedIn, grant)), RefreshToken: issueRefreshToken(state, grant) }
}

/**
 * As `renew`, with a new refresh token in place of `replaced`, which is good for another `retrySeconds` and then for
 * nothing. The new one lives as long as the old one would have.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-refresh-token.html
 */
export async function rotate(
  signedIn: SignedIn,
  replaced: IssuedRefreshToken,
  retrySeconds: number,
): Promise<AuthenticationResult> {
  const { state } = signedIn
  requireEnabled(signedIn.user)
  replaced.retryUntil ??= state.now() + retrySeconds * 1000
  return { ...(await renew(signedIn, replaced.grant)), RefreshToken: issueRefreshToken(state, replaced.grant) }
}

/**
 * New access and ID tokens for a sign-in that stands; the refresh token stays the one that it is. Rejects with
 * NotAuthorizedException for a disabled user.
 */
export async function renew(signedIn: SignedIn, grant: Grant): Promise<AuthenticationResult> {
  requireEnabled(signedIn.user)
  const { state, client } = signedIn
  const { accessToken, idToken } = await makeTokens({ ...signedIn, grant })
  const expiresAt = state.now() + client.accessTokenSeconds * 1000
  state.accessTokens.set(digest(accessToken), { grant, expiresAt, revoked: false })
  return { AccessToken: accessToken, ExpiresIn: client.accessTokenSeconds, TokenType: 'Bearer', IdToken: idToken }
}

/**
 * The refresh token as this client was given it, for a sign-in that stands. Throws NotAuthorizedException when that is
 * over, and RefreshTokenReuseException where another refresh token took the place of this one.
 */
export function findRefreshable(state: CognitoState, client: AppClient, refreshToken: string): IssuedRefreshToken {
  const issued = state.refreshTokens.get(digest(refreshToken))
  if (issued?.grant.clientId !== client.id) throw notAuthorized('Invalid Refresh Token')
  const { grant, retryUntil = Infinity } = issued
  if (grant.revoked) throw notAuthorized('Refresh Token has been revoked')
  if (state.now() >= grant.expiresAt) throw notAuthorized('Refresh Token has expired')
  if (state.now() >= retryUntil) {
    throw new AwsError('RefreshTokenReuseException', 'Refresh token has been used already.')
  }
  return issued
}

/** The sign-in that a refresh token belongs to, over or not. */
export function findGrant(state: CognitoState, refreshToken: string): Grant | undefined {
  return state.refreshTokens.get(digest(refreshToken))?.grant
}

/** The sign-in that an access token belongs to; throws NotAuthorizedException when Cognito itself takes it no more. */
export function findSignIn(state: CognitoState, accessToken: string): Grant {
  const issued = state.accessTokens.get(digest(accessToken))
  if (issued === undefined) throw notAuthorized('Invalid Access Token')
  if (issued.revoked || issued.grant.revoked) throw notAuthorized('Access Token has been revoked')
  if (state.now() >= issued.expiresAt) throw notAuthorized('Access Token has expired')
  return issued.grant
}

/** Whether Cognito issued this text as an access token, good or not any more. */
export function isAccessToken(state: CognitoState, token: string): boolean {
  return state.accessTokens.has(digest(token))
}

/**
 * Ends what every access token of the user does at Cognito, which is what AWS says of AdminDisableUser. The sign-ins
 * stand: it is not documented that their refresh tokens are dead once the user is enabled again.
 */
export function revokeAccessTokens(state: CognitoState, user: User): void {
  for (const issued of state.accessTokens.values()) issued.revoked ||= user.grants.has(issued.grant)
}

/** Ends every sign-in of the user at Cognito; tokens that are verified offline go on until they expire. */
export function revokeGrants(user: User): void {
  for (const grant of user.grants) grant.revoked = true
  user.grants.clear()
}

function requireEnabled({ enabled }: User): void {
  if (!enabled) throw notAuthorized('User is disabled.')
}

function issueRefreshToken(state: CognitoState, grant: Grant): string {
  const refreshToken = makeRefreshToken()
  state.refreshTokens.set(digest(refreshToken), { grant, retryUntil: undefined })
  return refreshToken
}

/** Opaque, in the form and about the length of Cognito's: the five parts of an encrypted token (RFC 7516). */
function makeRefreshToken(): string {
  const header = Buffer.from(JSON.stringify({ cty: 'JWT', enc: 'A256GCM', alg: 'RSA-OAEP' })).toString('base64url')
  return [header, ...[256, 12, 1000, 16].map((bytes) => randomBytes(bytes).toString('base64url'))].join('.')
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
