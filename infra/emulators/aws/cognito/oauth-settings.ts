// Holds the OAuth members of CreateUserPoolClient to Cognito's rules; it never lets a client have a scope that is not there.
import { AwsError } from '../aws-error.ts'
import { invalid } from './errors.ts'
import { customScopes } from './resource-servers.ts'
import type { OAuthSettings, UserPool } from './state.ts'

type OAuthInput = {
  readonly AllowedOAuthFlows?: readonly string[] | undefined
  readonly AllowedOAuthScopes?: readonly string[] | undefined
  readonly AllowedOAuthFlowsUserPoolClient?: boolean | undefined
  readonly CallbackURLs?: readonly string[] | undefined
  readonly LogoutURLs?: readonly string[] | undefined
  readonly DefaultRedirectURI?: string | undefined
  readonly SupportedIdentityProviders?: readonly string[] | undefined
}

const scopesOfUsers = new Set(['phone', 'email', 'openid', 'profile', 'aws.cognito.signin.user.admin'])

/**
 * Throws InvalidOAuthFlowException, ScopeDoesNotExistException or InvalidParameterException. As AWS does, it takes flows
 * and scopes that are not switched on: the token endpoint refuses those, while GetClientToken needs no switch.
 * https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_CreateUserPoolClient.html
 */
export function readOAuthSettings(
  pool: UserPool,
  input: OAuthInput,
  { isConfidential }: { readonly isConfidential: boolean },
): OAuthSettings {
  const { AllowedOAuthFlows: flows = [], AllowedOAuthScopes: scopes = [] } = input
  const enabled = input.AllowedOAuthFlowsUserPoolClient === true
  if (enabled && (flows.length === 0 || scopes.length === 0)) {
    throw invalid(
      'AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.',
    )
  }
  const custom = customScopes(pool)
  const absent = scopes.find((scope) => !scopesOfUsers.has(scope) && !custom.has(scope))
  if (absent !== undefined) throw new AwsError('ScopeDoesNotExistException', `Invalid scope requested: ${absent}`)
  if (flows.includes('client_credentials')) refuseUnlessForMachines({ flows, scopes, isConfidential })
  else if (flows.length > 0 && (input.CallbackURLs ?? []).length === 0) {
    throw invalidFlow('CallbackUrls can not be empty when code flow or implicit flow is selected')
  }
  checkRedirects(input)
  const provider = input.SupportedIdentityProviders?.find((name) => name !== 'COGNITO')
  if (provider !== undefined) throw invalid(`The provider ${provider} does not exist for User Pool ${pool.id}.`)
  return { enabled, flows, scopes }
}

/** RFC 6749, section 3.1.2, and plain http for this machine alone; an app's own scheme passes. */
function checkRedirects({ CallbackURLs = [], LogoutURLs = [], DefaultRedirectURI }: OAuthInput): void {
  for (const redirect of [...CallbackURLs, ...LogoutURLs]) {
    const url = URL.parse(redirect)
    if (url === null || redirect.includes('#')) {
      throw invalid(`${redirect} is not an absolute URI without a fragment.`)
    }
    if (url.protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)) {
      throw invalid(`${redirect} cannot use the HTTP protocol.`)
    }
  }
  if (DefaultRedirectURI !== undefined && !CallbackURLs.includes(DefaultRedirectURI)) {
    throw invalid('DefaultRedirectURI is not one of CallbackURLs.')
  }
}

function refuseUnlessForMachines(client: {
  readonly flows: readonly string[]
  readonly scopes: readonly string[]
  readonly isConfidential: boolean
}): void {
  if (client.flows.some((flow) => flow !== 'client_credentials')) {
    throw invalidFlow('client_credentials flow can not be selected along with code flow or implicit flow.')
  }
  if (!client.isConfidential) {
    throw invalidFlow('client_credentials flow can not be selected if client does not have a client secret.')
  }
  const userScope = client.scopes.find((scope) => scopesOfUsers.has(scope))
  if (userScope !== undefined) throw invalidFlow(`${userScope} is not supported with client_credentials flow`)
}

function invalidFlow(message: string): AwsError {
  return new AwsError('InvalidOAuthFlowException', message)
}
