// Reads the claims of a Cognito access token whose signature and issuer hold; it never takes a missing claim for a good one.
import type { ClientKind, Identity } from '../../../shared/access-rules.ts'

/** What a verified access token says. */
export type AccessClaims = Identity & {
  /** The pool's immutable id of the user; a deleted name can be made again, a `sub` cannot. */
  readonly sub: string
  /** Epoch milliseconds. From then on the token is expired. */
  readonly expiresAt: number
}

export type ClaimsRefusal =
  | 'wrong_token_use'
  | 'unknown_client'
  | 'invalid_expiry'
  | 'expired'
  | 'not_yet_valid'
  | 'no_subject'
  | 'no_username'
  | 'malformed_groups'

type Reading =
  { readonly ok: true; readonly claims: AccessClaims } | { readonly ok: false; readonly reason: ClaimsRefusal }

/** `iat` is not a start of validity; only a clock that is wrong by more than this much writes one in the future. */
const clockSkewMs = 60_000

/**
 * The claims, if the token is an access token of one of `clients`, valid at `now` (epoch milliseconds) without grace,
 * and names its user. Claims that are not known here are ignored: Cognito may add some.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
 */
export function readAccessClaims(
  payload: Readonly<Record<string, unknown>>,
  options: { readonly clients: ReadonlyMap<string, ClientKind>; readonly now: number },
): Reading {
  const { token_use: tokenUse, client_id: clientId, exp, nbf, iat, sub, username } = payload
  const { clients, now } = options
  // An ID token names the same user and groups, but is meant for the client itself.
  if (tokenUse !== 'access') return refuse('wrong_token_use')
  const client = typeof clientId === 'string' ? clients.get(clientId) : undefined
  if (client === undefined) return refuse('unknown_client')
  // An absent `exp` would be a token for ever; a fraction or 2^53 is nothing that Cognito writes.
  if (!Number.isSafeInteger(exp)) return refuse('invalid_expiry')
  const expiresAt = Number(exp) * 1_000
  if (expiresAt <= now) return refuse('expired')
  if (startsAfter(nbf, now) || startsAfter(iat, now + clockSkewMs)) return refuse('not_yet_valid')
  if (!isName(sub)) return refuse('no_subject')
  // A client_credentials token has no user, hence no groups; there is nobody to whom a line of the audit could point.
  if (!isName(username)) return refuse('no_username')
  const groups = readGroups(payload['cognito:groups'])
  if (groups === undefined) return refuse('malformed_groups')
  return { ok: true, claims: { sub, client, groups, expiresAt } }
}

function refuse(reason: ClaimsRefusal): Reading {
  return { ok: false, reason }
}

/** Whether `claim`, in seconds, is later than `time`, in milliseconds; what is there and no number never begins. */
function startsAfter(claim: unknown, time: number): boolean {
  if (claim === undefined) return false
  return typeof claim !== 'number' || claim * 1_000 > time
}

function isName(claim: unknown): claim is string {
  return typeof claim === 'string' && claim !== ''
}

/** The claim is absent for a user without a group. A string is refused: `includes` would find group names inside it. */
function readGroups(claim: unknown): readonly string[] | undefined {
  if (claim === undefined) return []
  return Array.isArray(claim) && claim.every((group) => typeof group === 'string') ? claim : undefined
}
