// Everything that local Cognito remembers; it lives in memory, as long as the server does.
import { AwsError } from '../aws-error.ts'
import type { AttributeRules } from './attributes.ts'
import type { Lockout } from './lockout.ts'
import type { PasswordDigest, PasswordPolicy } from './password-policy.ts'
import type { SigningKeySource } from './signing-keys.ts'

/** Times are milliseconds since the epoch unless their name says seconds. */
export type CognitoState = {
  readonly region: string
  readonly accountId: string
  readonly now: () => number
  readonly readAfterWriteLagMs: number
  readonly shortPages: boolean
  readonly nextSequence: () => number
  readonly pools: Map<string, UserPool>
  readonly clients: Map<string, AppClient>
  /** The id of the pool by the prefix of its domain. */
  readonly domains: Map<string, string>
  /** By SHA-256 of the token: what is presented has to be what was issued, byte for byte. */
  readonly refreshTokens: Map<string, IssuedRefreshToken>
  readonly accessTokens: Map<string, IssuedAccessToken>
}

export type UserPool = {
  readonly sequence: number
  readonly id: string
  readonly arn: string
  readonly name: string
  readonly createdAt: number
  /** What DescribeUserPool gives back as it was put in. */
  readonly settings: object
  readonly attributeRules: AttributeRules
  readonly passwordPolicy: PasswordPolicy
  readonly caseSensitive: boolean
  readonly deletionProtected: boolean
  readonly groups: Map<string, Group>
  /** By identifier. */
  readonly resourceServers: Map<string, ResourceServer>
  /** By canonical username. */
  readonly users: Map<string, User>
  readonly usersBySub: Map<string, User>
  readonly signingKeys: SigningKeySource
}

export type Group = {
  readonly sequence: number
  readonly name: string
  readonly description: string | undefined
  readonly precedence: number | undefined
  readonly createdAt: number
}

export type ResourceServer = {
  /** As tokens write them: `identifier/name`. */
  readonly scopes: readonly string[]
}

/** `id` is how Cognito names the secret; it tells nothing of `value`. */
export type ClientSecret = { readonly id: string; readonly value: string; readonly createdAt: number }

export type AppClient = {
  readonly sequence: number
  readonly id: string
  readonly name: string
  readonly poolId: string
  /** The active secrets, oldest first; none for a public client. */
  readonly secrets: ClientSecret[]
  readonly createdAt: number
  readonly settings: object
  readonly explicitAuthFlows: readonly string[]
  readonly oauth: OAuthSettings
  readonly accessTokenSeconds: number
  readonly idTokenSeconds: number
  readonly refreshTokenSeconds: number
  /** For how long a refresh token outlives the one that replaces it; undefined where they are not rotated. */
  readonly refreshRetrySeconds: number | undefined
  readonly preventsUserExistenceErrors: boolean
  readonly revokesTokens: boolean
  readonly readAttributes: ReadonlySet<string>
}

/** What a client may ask of the pool's authorization server. `enabled` is AllowedOAuthFlowsUserPoolClient. */
export type OAuthSettings = {
  readonly enabled: boolean
  readonly flows: readonly string[]
  readonly scopes: readonly string[]
}

export type UserStatus = 'CONFIRMED' | 'FORCE_CHANGE_PASSWORD'

export type User = {
  readonly sequence: number
  readonly sub: string
  readonly username: string
  readonly createdAt: number
  readonly attributes: Map<string, string>
  readonly groups: Set<string>
  readonly grants: Set<Grant>
  modifiedAt: number
  enabled: boolean
  status: UserStatus
  password: PasswordDigest
  temporaryPasswordExpiresAt: number
  lockout: Lockout
}

/** One sign-in: the refresh token, and the access tokens that descend from it. */
export type Grant = {
  readonly originJti: string
  readonly poolId: string
  readonly clientId: string
  readonly sub: string
  readonly authTimeSeconds: number
  readonly expiresAt: number
  revoked: boolean
}

/** `revoked` by itself where its sign-in stands. */
export type IssuedAccessToken = { readonly grant: Grant; readonly expiresAt: number; revoked: boolean }

export type IssuedRefreshToken = {
  readonly grant: Grant
  /** When rotation put another in its place, until when it is good for a retry; undefined for one that stands. */
  retryUntil: number | undefined
}

export function createCognitoState(
  options: Pick<CognitoState, 'region' | 'accountId' | 'now' | 'readAfterWriteLagMs' | 'shortPages'>,
): CognitoState {
  let sequence = 0
  return {
    ...options,
    nextSequence: () => sequence++,
    pools: new Map(),
    clients: new Map(),
    domains: new Map(),
    refreshTokens: new Map(),
    accessTokens: new Map(),
  }
}

export function findUserPool(state: CognitoState, id: string): UserPool {
  const pool = state.pools.get(id)
  if (pool === undefined) throw new AwsError('ResourceNotFoundException', `User pool ${id} does not exist.`)
  return pool
}

/** The client, which has to be one of that pool. */
export function findClientOfPool(state: CognitoState, poolId: string, clientId: string): AppClient {
  const pool = findUserPool(state, poolId)
  const client = state.clients.get(clientId)
  if (client?.poolId !== pool.id) {
    throw new AwsError('ResourceNotFoundException', `User pool client ${clientId} does not exist.`)
  }
  return client
}

/** The client and its pool. */
export function findAppClient(state: CognitoState, id: string): { client: AppClient; pool: UserPool } {
  const client = state.clients.get(id)
  if (client === undefined) throw new AwsError('ResourceNotFoundException', `User pool client ${id} does not exist.`)
  return { client, pool: findUserPool(state, client.poolId) }
}

export function findGroup(pool: UserPool, name: string): Group {
  const group = pool.groups.get(name)
  if (group === undefined) throw new AwsError('ResourceNotFoundException', 'Group not found.')
  return group
}

/** The user who signs in under that name; a `sub` signs nobody in where the pool's users have names of their own. */
export function findUserByName(state: CognitoState, pool: UserPool, username: string): User | undefined {
  const user = pool.users.get(canonicalUsername(pool, username))
  return user !== undefined && isVisible(state, user) ? user : undefined
}

/** The user of that name or, as the Admin operations take it in place of the name, of that `sub`. */
export function findUser(state: CognitoState, pool: UserPool, usernameOrSub: string): User {
  const user = findUserByName(state, pool, usernameOrSub) ?? pool.usersBySub.get(usernameOrSub)
  if (user === undefined || !isVisible(state, user)) throw new AwsError('UserNotFoundException', 'User does not exist.')
  return user
}

/** The user behind a token. By sub alone, so that a token never passes to whoever takes that sub as a name. */
export function findTokenHolder(pool: UserPool, sub: string): User {
  const user = pool.usersBySub.get(sub)
  if (user === undefined) throw new AwsError('UserNotFoundException', 'User does not exist.')
  return user
}

/** Whether reads show the user yet: with a read-after-write lag they do not show it from the first moment. */
export function isVisible(state: CognitoState, user: User): boolean {
  // Without a lag even a clock that was set back shows the user.
  return state.readAfterWriteLagMs === 0 || state.now() - user.createdAt >= state.readAfterWriteLagMs
}

/** A pool that ignores case also gives names back in lower case ("User pool case sensitivity", developer guide). */
export function canonicalUsername(pool: UserPool, username: string): string {
  return pool.caseSensitive ? username : username.toLowerCase()
}

/** A time as AWS JSON 1.1 writes it: seconds since the epoch. */
export function timestamp(ms: number): number {
  return ms / 1000
}
