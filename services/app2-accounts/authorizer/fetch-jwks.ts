// Fetches the pool's public keys over HTTPS, within a time that a request can wait for; it keeps nothing.
import type { Jwks } from 'aws-jwt-verify/jwk'
import { readLimited, ResponseTooLargeError } from '#shared/text/read-limited.ts'
import { AuthorizerError } from './authorizer-error.ts'

/** How long somebody waits for the keys: `short` where there are others that serve, `long` where there are none. */
export type Patience = 'short' | 'long'

/**
 * What each try may take, in milliseconds. A first connection can be slow, and a lost packet takes a second by itself;
 * all tries end before the function's five seconds do.
 */
const tries = { short: [1_000], long: [3_000, 1_000] } as const satisfies Record<Patience, readonly number[]>

/** Cognito's JWKS holds two keys in about 1 kB. */
const longestJwksBytes = 65_536

/** Of 2048 bits (RFC 7518, section 3.3). */
const smallestModulus = 2n ** 2047n

/**
 * A function that resolves with the keys of `jwksUri` that may sign access tokens, at least one, and no member but
 * those that verification needs. Throws AuthorizerError, whose reason begins with `jwks_`: the last try's.
 */
export function createJwksFetcher(deps: {
  readonly fetch: typeof fetch
  readonly jwksUri: string
}): (patience: Patience) => Promise<Jwks> {
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

async function tryOnce(
  deps: { readonly fetch: typeof fetch; readonly jwksUri: string },
  timeoutMs: number,
): Promise<Jwks> {
  const bytes = await download(deps.fetch, deps.jwksUri, timeoutMs)
  const keys = parseKeys(bytes).flatMap(toSigningKey)
  // Keys in hand are better than none: an empty answer must not replace them.
  if (keys.length === 0) throw new AuthorizerError('jwks_without_usable_key')
  return { keys }
}

async function download(fetchFrom: typeof fetch, jwksUri: string, timeoutMs: number): Promise<Uint8Array> {
  try {
    // A redirect would let another address say which keys are ours.
    const response = await fetchFrom(jwksUri, { redirect: 'error', signal: AbortSignal.timeout(timeoutMs) })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new AuthorizerError('jwks_status')
    }
    return await readLimited(response, longestJwksBytes)
  } catch (error) {
    if (error instanceof AuthorizerError) throw error
    if (error instanceof ResponseTooLargeError) throw new AuthorizerError('jwks_too_large')
    const timedOut = error instanceof DOMException && error.name === 'TimeoutError'
    throw new AuthorizerError(timedOut ? 'jwks_timeout' : 'jwks_unreachable')
  }
}

function parseKeys(bytes: Uint8Array): readonly unknown[] {
  try {
    const jwks: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (isObject(jwks) && Array.isArray(jwks['keys'])) return jwks['keys']
  } catch {
    // Not UTF-8, or not JSON: malformed, as below.
  }
  throw new AuthorizerError('jwks_malformed')
}

/**
 * The key as RSA, for signatures, for RS256; no entry for any other, which a later Cognito may add to the set, or for one
 * that does not bind: with the exponent 1 every text is its own signature, and an even one belongs to no key pair.
 */
function toSigningKey(jwk: unknown): { kty: string; use: string; alg: string; kid: string; n: string; e: string }[] {
  if (!isObject(jwk)) return []
  const { kty, use, alg, kid, n, e } = jwk
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

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
