// Finds where an OpenID Connect issuer has its public keys, and fetches them: each time anew, under the limits of both answers.
import type { Jwks } from 'aws-jwt-verify/jwk'
import type { SendOnce } from '../aws/send-once.ts'
import { isLoopback, parseSafeUrl } from '../env.ts'
import { createJwksFetcher, type Patience } from '../jwt/fetch-jwks.ts'
import { KeySetError } from '../jwt/key-set-error.ts'
import { parseJsonObject } from '../text/parse-json.ts'

type DiscoveryDeps = { readonly send: SendOnce; readonly issuer: string }

/** What the discovery document may take, in milliseconds; the keys have the time of fetch-jwks.ts. */
const timeoutMs = { short: 1_000, long: 3_000 } as const satisfies Record<Patience, number>

/**
 * As `createJwksFetcher`, at the `jwks_uri` of the issuer's own document, which has to name this very issuer (OpenID Connect
 * Discovery 1.0, sections 4.1 and 4.3). Throws KeySetError.
 */
export function createDiscoveringFetcher({ send, issuer }: DiscoveryDeps): (patience: Patience) => Promise<Jwks> {
  const url = new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`)
  return async (patience) => {
    const jwksUri = readJwksUri(await download({ send, url }, timeoutMs[patience]), issuer)
    return createJwksFetcher({ send, jwksUri })(patience)
  }
}

async function download({ send, url }: { readonly send: SendOnce; readonly url: URL }, ms: number): Promise<string> {
  const answer = await send({ url, signal: AbortSignal.timeout(ms) }).catch(() => undefined)
  if (answer?.status !== 200) throw new KeySetError('discovery_unreachable')
  return answer.body
}

function readJwksUri(text: string, issuer: string): string {
  const document = parseJsonObject(text)
  if (document === undefined) throw new KeySetError('discovery_malformed')
  const { issuer: named, jwks_uri: uri } = document
  if (named !== issuer) throw new KeySetError('discovery_of_another_issuer')
  if (typeof uri !== 'string' || !isFetchable(uri, issuer)) throw new KeySetError('discovery_malformed')
  return uri
}

/**
 * https, at a name: what is at an address or on this machine is the issuer's only if the issuer itself is there, which then may be
 * plain http. Some issuers have a query in it.
 */
function isFetchable(uri: string, issuer: string): boolean {
  const url = URL.parse(uri)
  if (url === null) return false
  url.search = ''
  if (parseSafeUrl(url.href) === undefined) return false
  const own = new URL(issuer)
  return isLoopback(own) || url.hostname === own.hostname || !isAddress(url)
}

/** As a URL of https spells them: each form of IPv4 is four numbers by then. */
function isAddress({ hostname }: URL): boolean {
  return hostname.startsWith('[') || /^[\d.]+$|(^|\.)localhost\.?$/.test(hostname)
}
