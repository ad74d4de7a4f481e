// Signs the machine user in at Cognito with its password and revokes the session at once; it never tries twice.
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { errorName, mapAwsError } from '#shared/aws/aws-errors.ts'
import { ServiceError } from '#shared/errors.ts'
import type { Logger } from '#shared/logger.ts'
import { passwordSignInCommand, revokeSessionCommand } from '#shared/machine/machine-token-requests.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import type { PasswordCredentials } from './machine-secret.ts'
import type { SignIn, SignInResult } from './sign-in.ts'

type PasswordSignInDeps = { readonly cognito: CognitoIdentityProviderClient; readonly logger: Logger }

const misconfiguredNames = new Set([
  'InvalidParameterException',
  'InvalidUserPoolConfigurationException',
  'PasswordResetRequiredException',
  'ResourceNotFoundException',
  'UnsupportedOperationException',
  'UserNotConfirmedException',
])

/**
 * `InitiateAuth` with `USER_PASSWORD_AUTH`, then `RevokeToken`: every Cognito access token carries the scope
 * `aws.cognito.signin.user.admin`, with which its bearer could change the machine user's password at Cognito. Revoked,
 * it is dead there, while its signature goes on verifying at App2's authorizer until it expires.
 *
 * A failure on the way to Cognito is thrown as `mapAwsError` words it.
 */
export function createPasswordSignIn(deps: PasswordSignInDeps): SignIn<PasswordCredentials> {
  return async (credentials, abortSignal) => {
    try {
      const command = passwordSignInCommand(credentials)
      const { AuthenticationResult: result, ChallengeName: challenge } = await deps.cognito.send(command, {
        abortSignal,
      })
      if (challenge !== undefined) return { kind: 'misconfigured', reason: `challenge_${challenge}` }
      if (result?.AccessToken === undefined || result.ExpiresIn === undefined) {
        throw new ServiceError('upstream_error', { reason: 'sign_in_without_token' })
      }
      if (result.RefreshToken !== undefined) await revokeSession(deps, credentials, result.RefreshToken, abortSignal)
      return {
        kind: 'signed_in',
        accessToken: new SecretValue(result.AccessToken),
        expiresInSeconds: result.ExpiresIn,
      }
    } catch (error) {
      const name = errorName(error)
      if (name === 'NotAuthorizedException' || name === 'UserNotFoundException') return explainRefusal(error)
      if (misconfiguredNames.has(name)) return { kind: 'misconfigured', reason: name }
      throw mapAwsError(error)
    }
  }
}

/**
 * One exception name stands for a wrong password, a lock-out and a disabled user; only the message tells them apart.
 * What is in other words counts as a wrong password, which is the careful reading.
 */
function explainRefusal(error: unknown): SignInResult {
  const message = error instanceof Error ? error.message : ''
  if (/attempts exceeded/i.test(message)) return { kind: 'locked' }
  if (/user is disabled/i.test(message)) return { kind: 'misconfigured', reason: 'user_disabled' }
  return { kind: 'rejected' }
}

/** A failure here leaves a session that lives until it expires; it is reported and does not cost the caller a user. */
async function revokeSession(
  deps: PasswordSignInDeps,
  credentials: PasswordCredentials,
  refreshToken: string,
  abortSignal: AbortSignal,
): Promise<void> {
  try {
    await deps.cognito.send(revokeSessionCommand(credentials, refreshToken), { abortSignal })
  } catch (error) {
    deps.logger.warn('machine session not revoked', { error_name: errorName(error) })
  }
}
