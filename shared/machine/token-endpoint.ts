// The variable TOKEN_ENDPOINT, as App1 and the rotation read it: a client secret goes there, so nothing else is taken for it.
import { isLoopback, runsInLambda, type Environment } from '../env.ts'

/**
 * The URL, or undefined for another scheme, for anything in the URL but the way, and for a way that is not the one of
 * RFC 6749 at Cognito's domains. http for a loopback address alone, which Lambda does not have: see tokenEndpointProblem.
 */
export function parseTokenEndpoint(text: string): URL | undefined {
  const url = URL.parse(text)
  if (url?.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return undefined
  if (!url.pathname.endsWith('/oauth2/token')) return undefined
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url)) ? url : undefined
}

/** What is wrong with a parsed endpoint in this environment; undefined when nothing is, or when there is none. */
export function tokenEndpointProblem(endpoint: URL | undefined, environment: Environment): string | undefined {
  if (endpoint?.protocol !== 'http:' || !runsInLambda(environment)) return undefined
  return 'TOKEN_ENDPOINT must be https in Lambda'
}
