// Holds the OAuth members of CreateUserPoolClient to Cognito's rules; it never lets a client have a scope that is not there.
import { AwsError } from '../aws-error.ts'
import { invalid, notImplemented } from './errors.ts'
import { customScopes } from './resource-servers.ts'
import type { OAuthSettings, UserPool } from './state.ts'

type OAuthInput = {
  readonly AllowedOAuthFlows?: readonly string[] | undefined
  readonly AllowedOAuthScopes?: readonly string[] | undefined
  readonly AllowedOAuthFlowsUserPoolClient?: boolean | undefined
}

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
  const flowOfUsers = flows.find((flow) => flow !== 'client_credentials')
  if (flowOfUsers !== undefined) throw notImplemented(`AllowedOAuthFlows ${flowOfUsers}`)
  if (enabled && (flows.length === 0 || scopes.length === 0)) {
    throw invalid(
      'AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.',
    )
  }
  const custom = customScopes(pool)
  const absent = scopes.find((scope) => !custom.has(scope))
  if (absent !== undefined) throw new AwsError('ScopeDoesNotExistException', `Invalid scope requested: ${absent}`)
  if (flows.length > 0 && !isConfidential) {
    throw new AwsError(
      'InvalidOAuthFlowException',
      'client_credentials flow can not be selected if client does not have a client secret.',
    )
  }
  return { enabled, flows, scopes }
}
