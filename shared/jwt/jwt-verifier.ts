// Says whether an issuer signed a token with RS256 and what it claims; it never says what its bearer may do.
import {
  JwtInvalidIssuerError,
  JwtInvalidSignatureAlgorithmError,
  JwtInvalidSignatureError,
  JwtParseError,
  JwtWithoutValidKidError,
  KidNotFoundInJwksError,
} from 'aws-jwt-verify/error'
import { SimpleJwksCache, type Jwks, type JwkWithKid } from 'aws-jwt-verify/jwk'
import { decomposeUnverifiedJwt } from 'aws-jwt-verify/jwt'
import { JwtVerifier as LibraryVerifier } from 'aws-jwt-verify/jwt-verifier'
import type { Logger } from '../logger.ts'
import { isWellFormed } from './compact-token.ts'
import type { Patience } from './fetch-jwks.ts'
import { createKeySet } from './key-set.ts'

/** What is wrong with a token before anything of its claims but the issuer is looked at. */
export type JwtRefusal =
  'malformed' | 'critical_header' | 'unknown_key' | 'wrong_algorithm' | 'bad_signature' | 'wrong_issuer'

export type JwtPayload = Readonly<Record<string, unknown>>

/** What every use of a token has to know. */
type TimedClaims = {
  /** Epoch milliseconds. From then on the token is expired. */
  readonly expiresAt: number
}

type Reading<Claims, Refusal> =
  { readonly ok: true; readonly claims: Claims } | { readonly ok: false; readonly reason: Refusal }

export type JwtVerification<Claims, Refusal> = Reading<Claims, Refusal | JwtRefusal>

export type JwtVerifier<Claims, Refusal> = {
  /**
   * Whatever is wrong with the token is a value. Throws KeySetError when there are no keys to judge it by.
   * `requestId` is for the log alone.
   */
  verify(unverifiedToken: string, requestId?: string): Promise<JwtVerification<Claims, Refusal>>
  /**
   * Does what the first request would have to wait for: fetches the keys, and has one of them refuse a signature, since the
   * first verification of a process costs ten times as much as the next. Nothing of it is logged, and no failure counts.
   */
  warmUp(): Promise<void>
}

export type JwtVerifierDeps<Claims, Refusal> = {
  readonly issuer: string
  /**
   * The claims of a token that the issuer signed, if they make a good one at `now`, epoch milliseconds. Time is its to check. `typ`
   * is the header's, for who tells kinds of tokens apart by it (RFC 8725, section 3.11).
   */
  readonly readClaims: (payload: JwtPayload, now: number, typ: unknown) => Reading<Claims, Refusal>
  readonly fetchJwks: (patience: Patience) => Promise<Jwks>
  readonly now: () => number
  readonly logger: Logger
  /** How many verified tokens are remembered; 1,000 unless told. */
  readonly mostRemembered?: number
}

/**
 * A verifier that works without waiting as long as its keys are fresh. Members of the header that name another key
 * (`jku`, `jwk`, `x5u`, `x5c`) are ignored. Of two claims of one name the last one counts, as in aws-jwt-verify: the signature
 * covers both, so only the issuer could write such a token.
 *
 * It remembers what verified tokens claim, but no refusal, and nothing outside the time in which a token is known to be valid
 * or past the end of the key set that verified it. That spares a third of an invocation, the runtime's part included; a
 * thousand tokens as Cognito writes them take 2 MB, and of the longest, with many groups, 17 MB.
 */
export function createJwtVerifier<Claims extends TimedClaims, Refusal extends string>(
  deps: JwtVerifierDeps<Claims, Refusal>,
): JwtVerifier<Claims, Refusal> {
  const library = LibraryVerifier.create(
    {
      issuer: deps.issuer,
      // An access token of Cognito has none, and of other issuers it is checked with the other claims.
      audience: null,
      // aws-jwt-verify reads the ambient clock, lets a token without `exp` pass and takes `exp` itself as still valid.
      // Time is checked with the claims, by the clock that was handed over, without any grace.
      graceSeconds: Infinity,
      customJwtCheck: ({ header }) => {
        if ('crit' in header || 'b64' in header) throw new CriticalHeaderError()
      },
    },
    { jwksCache: new IssuerBoundJwksCache(deps.issuer) },
  )
  const { mostRemembered = 1_000 } = deps
  const verified = new Map<string, { readonly claims: Claims; readonly since: number }>()
  let keyIds: readonly (string | undefined)[] = []
  const keys = createKeySet({
    fetchJwks: deps.fetchJwks,
    // Also drops the key objects made of the set before: a retired key is gone, and so is one whose id was used again.
    install: (jwks) => {
      library.cacheJwks(jwks)
      keyIds = jwks.keys.map(({ kid }) => kid)
      verified.clear()
    },
    now: deps.now,
    logger: deps.logger,
  })

  /** Without waiting: a token is remembered under the keys that verified it, never under those fetched since. */
  const verifyWithKeysInHand = (unverifiedToken: string): JwtVerification<Claims, Refusal> => {
    const now = deps.now()
    const known = verified.get(unverifiedToken)
    // Not before the instant it was found valid at: a clock that was put back may stand before the token's beginning.
    if (known !== undefined && known.since <= now && known.claims.expiresAt > now)
      return { ok: true, claims: known.claims }
    try {
      const payload = withoutStackTraces(() => library.verifySync(unverifiedToken))
      const reading = deps.readClaims(payload, now, decomposeUnverifiedJwt(unverifiedToken).header['typ'])
      if (reading.ok) remember(unverifiedToken, reading.claims, now)
      return reading
    } catch (error) {
      return { ok: false, reason: refusalFor(error) }
    }
  }

  /** What came first goes first. */
  const remember = (token: string, claims: Claims, since: number): void => {
    verified.set(token, { claims, since })
    for (const oldest of verified.keys()) {
      if (verified.size <= mostRemembered) break
      verified.delete(oldest)
    }
  }

  return {
    async verify(unverifiedToken, requestId) {
      if (!isWellFormed(unverifiedToken)) return { ok: false, reason: 'malformed' }
      if (!keys.isFresh()) await keys.refresh(requestId)
      const verification = verifyWithKeysInHand(unverifiedToken)
      if (verification.ok || verification.reason !== 'unknown_key') return verification
      return (await keys.refetchForUnknownKey(requestId)) ? verifyWithKeysInHand(unverifiedToken) : verification
    },

    async warmUp() {
      await keys.prefetch()
      for (const kid of keyIds) verifyWithKeysInHand(makeUpToken({ kid, issuer: deps.issuer }))
    },
  }
}

/** One that is signed by nobody. */
function makeUpToken({ kid, issuer }: { readonly kid: string | undefined; readonly issuer: string }): string {
  const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')
  return `${encode({ alg: 'RS256', kid })}.${encode({ iss: issuer })}.${Buffer.alloc(256).toString('base64url')}`
}

type KeyRequest = Parameters<SimpleJwksCache['getCachedJwk']>

/**
 * Refuses a wrong issuer before anything is done for the token. With a single issuer aws-jwt-verify (5.2.1) compares it
 * last, and before that keeps a key object under whatever issuer the *unverified* token names: whoever sends made-up
 * issuers with a key id from the public JWKS could fill the memory, without any signature. It also keeps tokens of
 * other issuers from causing fetches.
 */
class IssuerBoundJwksCache extends SimpleJwksCache {
  readonly #issuer: string

  constructor(issuer: string) {
    super()
    this.#issuer = issuer
  }

  override getCachedJwk(...[jwksUri, unverifiedJwt]: KeyRequest): JwkWithKid {
    const { iss } = unverifiedJwt.payload
    if (iss !== this.#issuer) throw new JwtInvalidIssuerError('Issuer not allowed', iss, this.#issuer)
    return super.getCachedJwk(jwksUri, unverifiedJwt)
  }
}

/**
 * What `work`, which is synchronous, gives back or throws. Errors made meanwhile have no stack trace: of the library's
 * only the class counts here. And Node since 24.17 throws and catches two errors of its own inside each verification,
 * to find out that `{ key: KeyObject }`, as the library hands it over, is no KeyObject itself; to write their traces
 * takes a quarter of a verification's time: 4 % of an invocation with a new token, the runtime's part included.
 * https://github.com/nodejs/node/pull/63111
 */
function withoutStackTraces<Result>(work: () => Result): Result {
  const limit = Error.stackTraceLimit
  // Not by assignment, which throws where the runtime has frozen its own objects.
  if (!Reflect.set(Error, 'stackTraceLimit', 0)) return work()
  try {
    return work()
  } finally {
    Error.stackTraceLimit = limit
  }
}

/** `crit` demands what we do not implement (RFC 7515, section 4.1.11); `b64` changes what was signed (RFC 7797). */
class CriticalHeaderError extends Error {
  override readonly name = 'CriticalHeaderError'
}

const refusals: readonly (readonly [new (...args: never[]) => Error, JwtRefusal])[] = [
  [JwtParseError, 'malformed'],
  [CriticalHeaderError, 'critical_header'],
  [KidNotFoundInJwksError, 'unknown_key'],
  [JwtWithoutValidKidError, 'unknown_key'],
  [JwtInvalidSignatureAlgorithmError, 'wrong_algorithm'],
  [JwtInvalidSignatureError, 'bad_signature'],
  [JwtInvalidIssuerError, 'wrong_issuer'],
]

/** What the library's error says about the token. An error that says nothing about it is thrown again. */
function refusalFor(error: unknown): JwtRefusal {
  const found = refusals.find(([errorClass]) => error instanceof errorClass)
  if (found === undefined) throw error
  return found[1]
}
