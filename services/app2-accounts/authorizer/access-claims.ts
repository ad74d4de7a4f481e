// Reads the claims of a Cognito access token whose signature and issuer hold; it never takes a missing claim for a good one.
import { knownScopes, type ClientKind, type Identity } from '#shared/access-rules.ts'
import { readTimes, type TimeRefusal } from '#shared/jwt/token-times.ts'
import { parseScopes } from '#shared/machine/scopes.ts'

/** Whom a token of the pool speaks for. */
export type TokenIdentity = Extract<Identity, { readonly kind: 'user' | 'machine' }>

/** What a verified token says, whoever issued it. */
export type AccessClaims = Identity & {
  /**
   * A user's immutable id in the pool: a deleted name can be made again, a `sub` cannot. Or what names a machine. Of a
   * principal, the role's ARN.
   */
  readonly sub: string
  /** Epoch milliseconds. From then on the token is expired. */
  readonly expiresAt: number
}

/** An app client whose tokens are taken. Each issues tokens to users or to machines, and never to both. */
export type AppClient = { readonly client: ClientKind; readonly token: TokenIdentity['kind'] }

/** Epoch milliseconds by group or scope: a token with that name is good only if it was issued then or later. */
export type CutOffs = ReadonlyMap<string, number>

export type ClaimsRules = {
  /** By client id. */
  readonly clients: ReadonlyMap<string, AppClient>
  readonly refuseIssuedBefore: CutOffs
}

export type ClaimsRefusal =
  | 'wrong_token_use'
  | 'unknown_client'
  | TimeRefusal
  | 'no_subject'
  | 'no_username'
  | 'malformed_groups'
  | 'malformed_scope'
  | 'username_in_machine_token'
  | 'groups_in_machine_token'
  | 'scope_in_user_token'
  | 'issued_before_cut_off'

type Refused = { readonly ok: false; readonly reason: ClaimsRefusal }
type Reading = { readonly ok: true; readonly claims: AccessClaims } | Refused

type Payload = Readonly<Record<string, unknown>>

/**
 * The claims, if the token is an access token of one of the clients, valid at `now` (epoch milliseconds) without grace.
 * A user's token names its user, may have groups and has none of our scopes; a machine's has scopes, and neither a
 * username nor groups. The client says which of the two it must be; one that mixes them is none that the pool writes,
 * and refused. Claims that are not known here are ignored: Cognito may add some.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
 */
export function readAccessClaims(payload: Payload, options: ClaimsRules & { readonly now: number }): Reading {
  const { token_use: tokenUse, client_id: clientId, iat } = payload
  const { clients, now } = options
  // An ID token names the same user and groups, but is meant for the client itself.
  if (tokenUse !== 'access') return refuse('wrong_token_use')
  if (typeof clientId !== 'string') return refuse('unknown_client')
  const appClient = clients.get(clientId)
  if (appClient === undefined) return refuse('unknown_client')
  const times = readTimes(payload, now)
  if (!times.ok) return times
  const { client, token } = appClient
  const bearer = token === 'user' ? readUser(payload, client) : readMachine(payload, { client, clientId })
  if ('reason' in bearer) return bearer
  if (isCutOff(bearer, iat, options.refuseIssuedBefore)) return refuse('issued_before_cut_off')
  return { ok: true, claims: { ...bearer, expiresAt: times.expiresAt } }
}

type Bearer = TokenIdentity & Pick<AccessClaims, 'sub'>

function readUser(
  { sub, username, scope, 'cognito:groups': groupsClaim }: Payload,
  client: ClientKind,
): Bearer | Refused {
  if (!isName(sub)) return refuse('no_subject')
  if (!isName(username)) return refuse('no_username')
  const groups = readGroups(groupsClaim)
  if (groups === undefined) return refuse('malformed_groups')
  const scopes = parseScopes(scope)
  if (scopes === undefined) return refuse('malformed_scope')
  // It would be a user with a machine's permissions: no client of users may ask for these scopes.
  if (scopes.some((name) => knownScopes.some((known) => known === name))) return refuse('scope_in_user_token')
  return { kind: 'user', client, groups, sub }
}

/** What a machine's `sub` is, is not documented: where there is none, the client's id says who it is. */
function readMachine(
  { sub, username, scope, 'cognito:groups': groupsClaim }: Payload,
  { client, clientId }: { readonly client: ClientKind; readonly clientId: string },
): Bearer | Refused {
  if (sub !== undefined && !isName(sub)) return refuse('no_subject')
  if (username !== undefined) return refuse('username_in_machine_token')
  if (groupsClaim !== undefined) return refuse('groups_in_machine_token')
  const scopes = parseScopes(scope)
  return scopes === undefined ? refuse('malformed_scope') : { kind: 'machine', client, scopes, sub: sub ?? clientId }
}

function refuse(reason: ClaimsRefusal): Refused {
  return { ok: false, reason }
}

/** Whether a group or scope of the bearer counts only in tokens issued later. One without `iat` may be as old as any. */
function isCutOff(bearer: Bearer, iat: unknown, cutOffs: CutOffs): boolean {
  const issuedAt = typeof iat === 'number' ? iat * 1_000 : -Infinity
  const names = bearer.kind === 'user' ? bearer.groups : bearer.scopes
  return names.some((name) => issuedAt < (cutOffs.get(name) ?? -Infinity))
}

function isName(claim: unknown): claim is string {
  return typeof claim === 'string' && claim !== ''
}

/** The claim is absent for a user without a group. A string is refused: `includes` would find group names inside it. */
function readGroups(claim: unknown): readonly string[] | undefined {
  if (claim === undefined) return []
  return Array.isArray(claim) && claim.every((group) => typeof group === 'string') ? claim : undefined
}
