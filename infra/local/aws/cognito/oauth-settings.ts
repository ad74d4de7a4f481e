// Holds the OAuth members of CreateUserPoolClient to Cognito's rules; it never lets a client have a scope that is not there.
import { AwsError } from '../aws-error.ts'
import { customScopes } from './resource-servers.ts'
import type { OAuthSettings, UserPool } from './state.ts'

type OAuthInput = {
  readonly AllowedOAuthFlows?: readonly string[] | undefined
  readonly AllowedOAuthScopes?: readonly string[] | undefined
  readonly AllowedOAuthFlowsUserPoolClient?: boolean | undefined
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
    throw new AwsError(
      'InvalidParameterException',
      'AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.',
    )
  }
  const custom = customScopes(pool)
  const absent = scopes.find((scope) => !scopesOfUsers.has(scope) && !custom.has(scope))
  if (absent !== undefined) throw new AwsError('ScopeDoesNotExistException', `Invalid scope requested: ${absent}`)
  if (flows.includes('client_credentials')) refuseUnlessForMachines({ flows, scopes, isConfidential })
  return { enabled, flows, scopes }
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
