// Has Cognito issue a token to the machine's app client by GetClientToken, which needs no domain; it never tries twice.
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import type { Scope } from '#shared/access-rules.ts'
import { errorName, mapAwsError } from '#shared/aws/aws-errors.ts'
import { ServiceError } from '#shared/errors.ts'
import { clientTokenCommand } from '#shared/machine/machine-token-requests.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import type { ClientCredentials } from './machine-secret.ts'
import { signedInWithScope, type SignIn } from './sign-in.ts'

const misconfiguredNames = new Set([
  'ForbiddenException',
  'InvalidParameterException',
  'OperationNotEnabledException',
  'ResourceNotFoundException',
  'ScopeDoesNotExistException',
])

/** A failure on the way to Cognito is thrown as `mapAwsError` words it. */
export function createClientTokenSignIn(deps: {
  readonly cognito: CognitoIdentityProviderClient
  readonly scope: Scope
}): SignIn<ClientCredentials> {
  return async (credentials, abortSignal) => {
    try {
      const command = clientTokenCommand(credentials, deps.scope)
      const { ClientAuthenticationResult: result } = await deps.cognito.send(command, { abortSignal })
      if (result?.AccessToken === undefined || result.ExpiresIn === undefined) {
        throw new ServiceError('upstream_error', { reason: 'sign_in_without_token' })
      }
      return signedInWithScope(deps.scope, {
        accessToken: new SecretValue(result.AccessToken),
        expiresInSeconds: result.ExpiresIn,
      })
    } catch (error) {
      const name = errorName(error)
      // In whatever words: what is not known to be something else counts as a wrong secret, the careful reading.
      if (name === 'NotAuthorizedException') return { kind: 'rejected' }
      if (misconfiguredNames.has(name)) return { kind: 'misconfigured', reason: name }
      throw mapAwsError(error)
    }
  }
}
