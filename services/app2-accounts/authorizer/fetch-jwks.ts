// Fetches the pool's public keys over HTTPS, once and within a second; it never retries and keeps nothing.
import type { Jwks } from 'aws-jwt-verify/jwk'
import { readLimited, ResponseTooLargeError } from '../../../shared/read-limited.ts'
import { AuthorizerError } from './authorizer-error.ts'

/** It runs inside a request that somebody waits for. */
const deadlineMs = 1_000

/** Cognito's JWKS holds two keys in about 1 kB. */
const longestJwksBytes = 65_536

/** A modulus of at least 2048 bits as unpadded base64url (RFC 7518, section 3.3). */
const rsaModulus = /^[\w-]{342,}$/

/**
 * A function that resolves with the keys of `jwksUri` that may sign access tokens, at least one, and no member but
 * those that verification needs. Throws AuthorizerError, whose reason begins with `jwks_`.
 */
export function createJwksFetcher(deps: {
  readonly fetch: typeof fetch
  readonly jwksUri: string
}): () => Promise<Jwks> {
  return async () => {
    const bytes = await download(deps.fetch, deps.jwksUri)
    const keys = parseKeys(bytes).flatMap(toSigningKey)
    // Keys in hand are better than none: an empty answer must not replace them.
    if (keys.length === 0) throw new AuthorizerError('jwks_without_usable_key')
    return { keys }
  }
}

async function download(fetchFrom: typeof fetch, jwksUri: string): Promise<Uint8Array> {
  try {
    // A redirect would let another address say which keys are ours.
    const response = await fetchFrom(jwksUri, { redirect: 'error', signal: AbortSignal.timeout(deadlineMs) })
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

/** The key as RSA, for signatures, for RS256; no entry for any other, which a later Cognito may add to the set. */
function toSigningKey(jwk: unknown): { kty: string; use: string; alg: string; kid: string; n: string; e: string }[] {
  if (!isObject(jwk)) return []
  const { kty, use, alg, kid, n, e } = jwk
  if (kty !== 'RSA' || use !== 'sig' || alg !== 'RS256') return []
  if (typeof kid !== 'string' || kid === '') return []
  if (typeof n !== 'string' || !rsaModulus.test(n) || typeof e !== 'string' || !/^[\w-]+$/.test(e)) return []
  return [{ kty, use, alg, kid, n, e }]
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
