// The JSON Web Tokens that local Cognito signs, claim by claim as AWS writes them; it never signs with `none` or HMAC.
//
// https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
import { randomUUID } from 'node:crypto'
import { signToken } from '../json-web-token.ts'
import { isTrue } from './attributes.ts'
import type { AppClient, CognitoState, Grant, User, UserPool } from './state.ts'

type Issue = {
  readonly state: CognitoState
  readonly pool: UserPool
  readonly client: AppClient
  readonly user: User
  readonly grant: Grant
}

/** Both tokens of one sign-in or refresh; their times count from now, `auth_time` from the sign-in. */
export async function makeTokens(issue: Issue): Promise<{ accessToken: string; idToken: string }> {
  const { access, id } = await issue.pool.signingKeys()
  const common = commonClaims(issue)
  const [accessToken, idToken] = await Promise.all([
    signToken(access, { ...accessClaims(issue), ...common, ...lifetime(common.iat, issue.client.accessTokenSeconds) }),
    signToken(id, { ...idClaims(issue), ...common, ...lifetime(common.iat, issue.client.idTokenSeconds) }),
  ])
  return { accessToken, idToken }
}

/**
 * The access token of an app client itself, where no user is. It has neither a username nor groups; `scope` is one
 * string with spaces between. "Understanding the access token", developer guide.
 */
export async function makeMachineToken(
  issue: Pick<Issue, 'state' | 'pool' | 'client'> & { readonly scopes: readonly string[] },
): Promise<string> {
  const { state, pool, client, scopes } = issue
  const { access } = await pool.signingKeys()
  const iat = Math.floor(state.now() / 1000)
  return signToken(access, {
    sub: client.id,
    token_use: 'access',
    scope: scopes.join(' '),
    auth_time: iat,
    iss: issuerOf(state, pool),
    version: 2,
    client_id: client.id,
    iat,
    ...lifetime(iat, client.accessTokenSeconds),
  })
}

/** As AWS writes it, on whatever port this runs. */
export function issuerOf(state: CognitoState, pool: Pick<UserPool, 'id'>): string {
  return `https://cognito-idp.${state.region}.amazonaws.com/${pool.id}`
}

function commonClaims({ state, pool, client, user, grant }: Issue): Record<string, unknown> & { iat: number } {
  return {
    sub: user.sub,
    // Absent, not empty, for a user without groups.
    ...(user.groups.size > 0 && { 'cognito:groups': [...user.groups] }),
    iss: issuerOf(state, pool),
    // Absent from the tokens of a client that cannot revoke them.
    ...(client.revokesTokens && { origin_jti: grant.originJti }),
    event_id: randomUUID(),
    auth_time: grant.authTimeSeconds,
    iat: Math.floor(state.now() / 1000),
  }
}

function lifetime(iat: number, seconds: number): { exp: number; jti: string } {
  return { exp: iat + seconds, jti: randomUUID() }
}

function accessClaims({ client, user }: Issue): object {
  return {
    client_id: client.id,
    token_use: 'access',
    // The one scope that a sign-in through the API can have.
    scope: 'aws.cognito.signin.user.admin',
    username: user.username,
  }
}

function idClaims({ client, user }: Issue): object {
  const visible = [...user.attributes].filter(([name]) => client.readAttributes.has(name))
  return {
    ...Object.fromEntries(visible.map(([name, value]) => [name, claimOf(name, value)])),
    aud: client.id,
    token_use: 'id',
    'cognito:username': user.username,
  }
}

/** OpenID Connect has these two as booleans; every other attribute is a string, also a custom number. */
function claimOf(name: string, value: string): string | boolean {
  return name === 'email_verified' || name === 'phone_number_verified' ? isTrue(value) : value
}
