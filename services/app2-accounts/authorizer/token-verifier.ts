// Says whether a token is a valid access token of our pool and what it claims; it never says what its bearer may do.
import {
  JwtInvalidIssuerError,
  JwtInvalidSignatureAlgorithmError,
  JwtInvalidSignatureError,
  JwtParseError,
  JwtWithoutValidKidError,
  KidNotFoundInJwksError,
} from 'aws-jwt-verify/error'
import type { Jwks } from 'aws-jwt-verify/jwk'
import { JwtVerifier } from 'aws-jwt-verify/jwt-verifier'
import type { RequestLogger } from '#shared/logger.ts'
import { readAccessClaims, type AccessClaims, type ClaimsRefusal, type ClaimsRules } from './access-claims.ts'
import type { Patience } from './fetch-jwks.ts'
import { IssuerBoundJwksCache } from './issuer-bound-jwks-cache.ts'
import { createKeySet } from './key-set.ts'

export type TokenRefusal =
  'malformed' | 'critical_header' | 'unknown_key' | 'wrong_algorithm' | 'bad_signature' | 'wrong_issuer' | ClaimsRefusal

export type Verification =
  | {
      readonly ok: true
      readonly claims: AccessClaims
      /** The set of keys that it rests on: their number, another one after each fetch. */
      readonly keySet: number
    }
  | { readonly ok: false; readonly reason: TokenRefusal }

export type TokenVerifier = {
  /**
   * Whatever is wrong with the token is a value. Throws AuthorizerError when there are no keys to judge it by.
   * `requestId` is for the log alone.
   */
  verify(unverifiedToken: string, requestId?: string): Promise<Verification>
  /** The number of the key set in hand; undefined when it has to be fetched before anything is decided by it. */
  freshKeySet(): number | undefined
}

type TokenVerifierDeps = {
  readonly issuer: string
  /** Which claims make a good token of one that the pool signed. */
  readonly rules: ClaimsRules
  readonly fetchJwks: (patience: Patience) => Promise<Jwks>
  readonly now: () => number
  readonly logger: RequestLogger
}

/**
 * All that API Gateway carries: 10,240 bytes of request line and headers. A token of Cognito's is about 1 kB, and longer
 * by each of its user's groups.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 */
const longestToken = 10_240

/**
 * A verifier that works without waiting as long as its keys are fresh. Members of the header that name another key
 * (`jku`, `jwk`, `x5u`, `x5c`) are ignored, and so is `typ`. Of two claims of one name the last one counts, as in
 * aws-jwt-verify: the signature covers both, so only the pool could write such a token.
 */
export function createTokenVerifier(deps: TokenVerifierDeps): TokenVerifier {
  const library = JwtVerifier.create(
    {
      issuer: deps.issuer,
      // An access token of Cognito has none: its client_id is checked with the other claims.
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
  let keySet = 0
  const keys = createKeySet({
    fetchJwks: deps.fetchJwks,
    // Also drops the key objects made of the set before: a retired key is gone, and so is one whose id was used again.
    install: (jwks) => {
      keySet += 1
      library.cacheJwks(jwks)
    },
    now: deps.now,
    logger: deps.logger,
  })

  const verifyWithKeysInHand = (unverifiedToken: string): Verification => {
    try {
      const payload = withoutStackTraces(() => library.verifySync(unverifiedToken))
      const reading = readAccessClaims(payload, { ...deps.rules, now: deps.now() })
      return reading.ok ? { ok: true, claims: reading.claims, keySet } : reading
    } catch (error) {
      return { ok: false, reason: refusalFor(error) }
    }
  }

  return {
    freshKeySet: () => (keys.isFresh() ? keySet : undefined),

    async verify(unverifiedToken, requestId) {
      if (!isWellFormed(unverifiedToken)) return { ok: false, reason: 'malformed' }
      if (!keys.isFresh()) await keys.refresh(requestId)
      const verification = verifyWithKeysInHand(unverifiedToken)
      if (verification.ok || verification.reason !== 'unknown_key') return verification
      return (await keys.refetchForUnknownKey(requestId)) ? verifyWithKeysInHand(unverifiedToken) : verification
    },
  }
}

/**
 * What `work`, which is synchronous, gives back or throws. Errors made meanwhile have no stack trace: of the library's
 * only the class counts here. And Node since 24.17 throws and catches two errors of its own inside each verification,
 * to find out that `{ key: KeyObject }`, as the library hands it over, is no KeyObject itself; to write their traces
 * takes about a third of a verification's time.
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

/**
 * Whether the token may be RFC 7515's compact serialization: three parts, each in its one spelling. That they are
 * base64url throughout, the library checks; to go through all characters here too would cost 2 % of a decision.
 */
function isWellFormed(token: string): boolean {
  if (token.length > longestToken) return false
  const first = token.indexOf('.')
  const last = token.lastIndexOf('.')
  // Without any dot both are -1, and the first part would be of a negative length, which is never canonical.
  if (token.indexOf('.', first + 1) !== last) return false
  return (
    isCanonical(token, 0, first) && isCanonical(token, first + 1, last) && isCanonical(token, last + 1, token.length)
  )
}

/**
 * Whether a part ends as the one spelling of its bytes does: without padding, and with the unused bits of the last
 * character zero, as RFC 4648 (section 3.5) has it. Decoders ignore both: one token would have many spellings, each an
 * entry of its own in every cache keyed by the token.
 */
function isCanonical(token: string, start: number, end: number): boolean {
  const last = token.charAt(end - 1)
  switch ((end - start) % 4) {
    case 0:
      return end > start && last !== '='
    case 2:
      return 'AQgw'.includes(last)
    case 3:
      return 'AEIMQUYcgkosw048'.includes(last)
    default:
      return false
  }
}

/** `crit` demands what we do not implement (RFC 7515, section 4.1.11); `b64` changes what was signed (RFC 7797). */
class CriticalHeaderError extends Error {
  override readonly name = 'CriticalHeaderError'
}

const refusals: readonly (readonly [new (...args: never[]) => Error, TokenRefusal])[] = [
  [JwtParseError, 'malformed'],
  [CriticalHeaderError, 'critical_header'],
  [KidNotFoundInJwksError, 'unknown_key'],
  [JwtWithoutValidKidError, 'unknown_key'],
  [JwtInvalidSignatureAlgorithmError, 'wrong_algorithm'],
  [JwtInvalidSignatureError, 'bad_signature'],
  [JwtInvalidIssuerError, 'wrong_issuer'],
]

/** What the library's error says about the token. An error that says nothing about it is thrown again. */
function refusalFor(error: unknown): TokenRefusal {
  const found = refusals.find(([errorClass]) => error instanceof errorClass)
  if (found === undefined) throw error
  return found[1]
}
