// Reads which human a token names, whose signature and issuer hold; it never takes a token that was made for something else.
import type { JwtPayload } from '../jwt/jwt-verifier.ts'
import { readTimes, type TimeRefusal } from '../jwt/token-times.ts'
import type { HumanIssuer } from './human-issuers.ts'

export type HumanClaims = {
  readonly issuer: string
  /** The human's id at that issuer: two issuers may give the same one to two humans. */
  readonly sub: string
  readonly jti: string | undefined
  readonly humanUserId: string
  /** Epoch milliseconds. From then on the token is expired. */
  readonly expiresAt: number
}

export type HumanClaimsRefusal =
  | 'wrong_type'
  | 'id_token'
  | 'event_token'
  | 'sender_constrained'
  | 'wrong_token_use'
  | 'wrong_audience'
  | TimeRefusal
  | 'lives_too_long'
  | 'no_subject'
  | 'machine_token'
  | 'no_human'
  | 'unverified_email'

type Refused = { readonly ok: false; readonly reason: HumanClaimsRefusal }
type Reading = { readonly ok: true; readonly claims: HumanClaims } | Refused

/** Of an ID token (OpenID Connect Core 1.0, sections 2 and 3.3.2.11), which is meant for a front end and for nobody behind it. */
const ofIdTokens = ['nonce', 'at_hash', 'c_hash', 's_hash'] as const

/** `typ` of an access token's header, in lower case (RFC 9068, section 2.1); many issuers write no more than `JWT`, or nothing. */
const accessTokenTypes: readonly unknown[] = [undefined, 'jwt', 'at+jwt', 'application/at+jwt']
/** Keycloak says in a claim of that name what a token is: ID, Refresh, Offline, Logout, and of an access token this. */
const accessTokenKinds: readonly unknown[] = [undefined, 'bearer']

/** What `human_user_id` may be: see contract.ts. */
const humanForm = /^[\x21-\x7e]{1,256}$/
/** `sub` has 255 ASCII characters at most (OpenID Connect Core 1.0, section 2). */
const longestSubject = 255
const longestTokenId = 256
/** A token of a session lives for minutes or hours; what lives longer was made for a program. */
const longestLifeMs = 24 * 60 * 60 * 1_000

/**
 * The human, if the token is an access token of a user for one of the audiences, valid at `now` (epoch milliseconds) without
 * grace; `typ` is its header's. A user pool's access token has `token_use: access`, its audience in `client_id` and a `username`;
 * another issuer's has `aud` (RFC 9068; RFC 8725, sections 3.9, 3.11 and 3.12). Claims that are not known here are ignored.
 */
export function readHumanClaims(payload: JwtPayload, rules: HumanIssuer, now: number, typ: unknown): Reading {
  const reason =
    refusalOfKind(payload, typ) ??
    (rules.userPoolId === undefined ? refusalOfOther(payload, rules) : refusalOfPool(payload, rules))
  if (reason !== undefined) return refuse(reason)
  const times = readTimes(payload, now)
  if (!times.ok) return times
  if (times.expiresAt - (times.issuedAt ?? now) > longestLifeMs) return refuse('lives_too_long')
  const { sub, jti } = payload
  if (typeof sub !== 'string' || sub === '' || sub.length > longestSubject) return refuse('no_subject')
  if (isOfMachine(payload, sub)) return refuse('machine_token')
  const humanUserId = payload[rules.claim]
  if (typeof humanUserId !== 'string' || !humanForm.test(humanUserId)) return refuse('no_human')
  if (rules.claim === 'email' && !isVerified(payload['email_verified'])) return refuse('unverified_email')
  const { issuer } = rules
  return { ok: true, claims: { issuer, sub, jti: readTokenId(jti), humanUserId, expiresAt: times.expiresAt } }
}

/** Of what is signed by the same keys for another use. */
function refusalOfKind(payload: JwtPayload, typ: unknown): HumanClaimsRefusal | undefined {
  if (!accessTokenTypes.includes(inLowerCase(typ))) return 'wrong_type'
  if (payload['token_use'] === 'id' || ofIdTokens.some((name) => payload[name] !== undefined)) return 'id_token'
  if (!accessTokenKinds.includes(inLowerCase(payload['typ']))) return 'wrong_type'
  // A logout token, or another security event (OpenID Connect Back-Channel Logout 1.0, section 2.4; RFC 8417).
  if (payload['events'] !== undefined) return 'event_token'
  // It counts together with a proof of its key alone (RFC 7800), which nobody sends here.
  return payload['cnf'] === undefined ? undefined : 'sender_constrained'
}

/**
 * Whether an app asked in its own name: there is no human behind it. RFC 9068, section 2.2, has the app as the subject then, which
 * Okta calls `cid`; the others are what Auth0, Entra ID and Keycloak write. No list of that kind is complete: see docs/deploy.md.
 */
function isOfMachine(payload: JwtPayload, sub: string): boolean {
  const { preferred_username: name } = payload
  return (
    [payload['client_id'], payload['azp'], payload['cid']].includes(sub) ||
    sub.endsWith('@clients') ||
    payload['gty'] === 'client-credentials' ||
    payload['idtyp'] === 'app' ||
    (typeof name === 'string' && name.startsWith('service-account-'))
  )
}

function refusalOfPool({ token_use: use, client_id: client, username }: JwtPayload, rules: HumanIssuer) {
  if (use !== 'access') return 'wrong_token_use'
  if (!isAmong(client, rules.audiences)) return 'wrong_audience'
  return typeof username === 'string' && username !== '' ? undefined : 'machine_token'
}

function refusalOfOther({ token_use: use, aud }: JwtPayload, { audiences }: HumanIssuer) {
  if (use !== undefined && use !== 'access') return 'wrong_token_use'
  return [aud].flat().some((audience) => isAmong(audience, audiences)) ? undefined : 'wrong_audience'
}

function isAmong(audience: unknown, audiences: readonly string[]): boolean {
  return audiences.some((known) => known === audience)
}

/** An address that anybody may have written into a profile names nobody. Some issuers write the word as a text. */
function isVerified(emailVerified: unknown): boolean {
  return emailVerified === true || emailVerified === 'true'
}

function inLowerCase(value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value
}

function readTokenId(jti: unknown): string | undefined {
  return typeof jti === 'string' && jti !== '' ? jti.slice(0, longestTokenId) : undefined
}

function refuse(reason: HumanClaimsRefusal): Refused {
  return { ok: false, reason }
}
