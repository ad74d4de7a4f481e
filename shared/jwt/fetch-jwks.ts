// Fetches an issuer's public keys over HTTPS, within a time that a request can wait for; it keeps nothing.
import type { Jwks } from 'aws-jwt-verify/jwk'
import { RefusedAnswerError, type SendOnce } from '../aws/send-once.ts'
import { isObject } from '../text/parse-json.ts'
import { KeySetError } from './key-set-error.ts'

type JwksFetcherDeps = { readonly send: SendOnce; readonly jwksUri: string }

/** How long somebody waits for the keys: `short` where there are others that serve, `long` where there are none. */
export type Patience = 'short' | 'long'

/**
 * What each try may take, in milliseconds. A first connection can be slow, and a lost packet takes a second by itself;
 * all tries end before the function's five seconds do.
 */
const tries = { short: [1_000], long: [3_000, 1_000] } as const satisfies Record<Patience, readonly number[]>

/** Of 2048 bits (RFC 7518, section 3.3). */
const smallestModulus = 2n ** 2047n

/**
 * A function that resolves with the keys of `jwksUri` that may sign access tokens, at least one, and no member but
 * those that verification needs. Throws KeySetError, whose reason begins with `jwks_`: the last try's.
 */
export function createJwksFetcher(deps: JwksFetcherDeps): (patience: Patience) => Promise<Jwks> {
  return async (patience) => {
    let failure: unknown
    for (const timeoutMs of tries[patience]) {
      try {
        return await tryOnce(deps, timeoutMs)
      } catch (error) {
        failure = error
      }
    }
    throw failure
  }
}

async function tryOnce(deps: JwksFetcherDeps, timeoutMs: number): Promise<Jwks> {
  const keys = parseKeys(await download(deps, timeoutMs)).flatMap(toSigningKey)
  // Keys in hand are better than none: an empty answer must not replace them.
  if (keys.length === 0) throw new KeySetError('jwks_without_usable_key')
  return { keys }
}

async function download({ send, jwksUri }: JwksFetcherDeps, timeoutMs: number): Promise<string> {
  try {
    const { status, body } = await send({
      url: new URL(jwksUri),
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (status === 200) return body
  } catch (error) {
    if (error instanceof RefusedAnswerError && error.reason === 'answer_too_large') {
      throw new KeySetError('jwks_too_large')
    }
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError'
    throw new KeySetError(timedOut ? 'jwks_timeout' : 'jwks_unreachable')
  }
  throw new KeySetError('jwks_status')
}

function parseKeys(text: string): readonly unknown[] {
  try {
    const jwks: unknown = JSON.parse(text)
    // What was not UTF-8 stands there as U+FFFD.
    if (!text.includes('\uFFFD') && isObject(jwks) && Array.isArray(jwks['keys'])) return jwks['keys']
  } catch {
    // Not JSON: malformed, as below.
  }
  throw new KeySetError('jwks_malformed')
}

/**
 * The key as RSA, for signatures, for RS256; STS does not name the algorithm of its RSA key, and verification takes no other.
 * No entry for any other key, as STS has one for ES384 and a later Cognito may have more, or for one that does not bind: with
 * the exponent 1 every text is its own signature, and an even one belongs to no key pair.
 */
function toSigningKey(jwk: unknown): { kty: string; use: string; alg: string; kid: string; n: string; e: string }[] {
  if (!isObject(jwk)) return []
  const { kty, use, alg = 'RS256', kid, n, e } = jwk
  if (kty !== 'RSA' || use !== 'sig' || alg !== 'RS256') return []
  if (typeof kid !== 'string' || kid === '') return []
  if (!isBase64url(n) || toNumber(n) < smallestModulus) return []
  if (!isBase64url(e) || toNumber(e) < 3n || toNumber(e) % 2n === 0n) return []
  return [{ kty, use, alg, kid, n, e }]
}

function isBase64url(text: unknown): text is string {
  return typeof text === 'string' && /^[\w-]+$/.test(text)
}

/** What the text stands for: leading zeros make a short number no longer. */
function toNumber(base64url: string): bigint {
  return BigInt(`0x0${Buffer.from(base64url, 'base64url').toString('hex')}`)
}
