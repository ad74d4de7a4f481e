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
  | 'id_token'
  | 'wrong_token_use'
  | 'wrong_audience'
  | TimeRefusal
  | 'no_subject'
  | 'machine_token'
  | 'no_human'
  | 'unverified_email'

type Refused = { readonly ok: false; readonly reason: HumanClaimsRefusal }
type Reading = { readonly ok: true; readonly claims: HumanClaims } | Refused

/** Of an ID token (OpenID Connect Core 1.0, sections 2 and 3.3.2.11), which is meant for a front end and for nobody behind it. */
const ofIdTokens = ['nonce', 'at_hash', 'c_hash', 's_hash'] as const

/** What `human_user_id` may be: see contract.ts. */
const humanForm = /^[\x21-\x7e]{1,256}$/
/** `sub` has 255 ASCII characters at most (OpenID Connect Core 1.0, section 2). */
const longestSubject = 255
const longestTokenId = 256

/**
 * The human, if the token is an access token of a user for one of the audiences, valid at `now` (epoch milliseconds) without
 * grace. A user pool's access token has `token_use: access`, its audience in `client_id` and a `username`; another issuer's has `aud`
 * (RFC 9068; RFC 8725, sections 3.9 and 3.12). Claims that are not known here are ignored.
 */
export function readHumanClaims(payload: JwtPayload, rules: HumanIssuer, now: number): Reading {
  if (isIdToken(payload)) return refuse('id_token')
  const reason = rules.userPoolId === undefined ? refusalOfOther(payload, rules) : refusalOfPool(payload, rules)
  if (reason !== undefined) return refuse(reason)
  const times = readTimes(payload, now)
  if (!times.ok) return times
  const { sub, jti } = payload
  if (typeof sub !== 'string' || sub === '' || sub.length > longestSubject) return refuse('no_subject')
  // An app's own token names the app as its subject (RFC 9068, section 2.2): there is no human behind it.
  if (sub === payload['client_id'] || sub === payload['azp']) return refuse('machine_token')
  const humanUserId = payload[rules.claim]
  if (typeof humanUserId !== 'string' || !humanForm.test(humanUserId)) return refuse('no_human')
  if (rules.claim === 'email' && isUnverified(payload['email_verified'])) return refuse('unverified_email')
  const { issuer } = rules
  return { ok: true, claims: { issuer, sub, jti: readTokenId(jti), humanUserId, expiresAt: times.expiresAt } }
}

function isIdToken(payload: JwtPayload): boolean {
  return payload['token_use'] === 'id' || ofIdTokens.some((name) => payload[name] !== undefined)
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

/** An address that anybody may have written into a profile names nobody. Where the issuer does not say, it is taken at its word. */
function isUnverified(emailVerified: unknown): boolean {
  return emailVerified !== undefined && emailVerified !== true && emailVerified !== 'true'
}

function readTokenId(jti: unknown): string | undefined {
  return typeof jti === 'string' && jti !== '' ? jti.slice(0, longestTokenId) : undefined
}

function refuse(reason: HumanClaimsRefusal): Refused {
  return { ok: false, reason }
}
