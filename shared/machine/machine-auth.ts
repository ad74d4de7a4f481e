// The modes in which App1 can authenticate to App2, and the token endpoint that one of them needs. Which are in use is
// configuration; nothing here chooses one.
import { parseSafeUrl, runsInLambda, type Environment } from '../env.ts'

/**
 * `password`: a machine user of the pool signs in (USER_PASSWORD_AUTH), and its group opens App2. `client-credentials`:
 * the machine's app client asks the pool's domain for a token (RFC 6749, section 4.4), and its scope does.
 * `client-token`: the same token by Cognito's GetClientToken, without a domain. `sigv4`: no token; each request is signed
 * with the permissions of App1's role. `sts-token`: AWS STS issues a token to App1's role (GetWebIdentityToken), and the role does.
 */
export const machineAuthModes = ['password', 'client-credentials', 'client-token', 'sigv4', 'sts-token'] as const

export type MachineAuth = (typeof machineAuthModes)[number]

/** The modes whose token carries a scope and names no user. */
export const scopeModes = ['client-credentials', 'client-token'] as const satisfies readonly MachineAuth[]

/**
 * `TOKEN_ENDPOINT` as App1 and the rotation read it, to which a client secret goes: the URL, or undefined for another
 * scheme, for anything in the URL but the path, and for a path that is not `…/oauth2/token`. http for a loopback address
 * alone, which Lambda does not have: see tokenEndpointProblem.
 */
export function parseTokenEndpoint(text: string): URL | undefined {
  const url = parseSafeUrl(text)
  return url?.pathname.endsWith('/oauth2/token') === true ? url : undefined
}

/** What is wrong with a parsed endpoint in this environment; undefined when nothing is, or when there is none. */
export function tokenEndpointProblem(endpoint: URL | undefined, environment: Environment): string | undefined {
  if (endpoint?.protocol !== 'http:' || !runsInLambda(environment)) return undefined
  return 'TOKEN_ENDPOINT must be https in Lambda'
}
