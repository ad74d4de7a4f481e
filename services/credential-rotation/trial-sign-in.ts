// Signs in once with new credentials to see that they work; it keeps no token and never offers a password twice.
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { errorName } from '#shared/aws/aws-errors.ts'
import type { Logger } from '#shared/logger.ts'
import { passwordSignInCommand, revokeSessionCommand } from '#shared/machine/machine-token-requests.ts'
import { awsCall, failedWith, RotationError } from './rotation-error.ts'
import type { CallOptions } from './secret-store.ts'
import type { UserCredentials } from './stored-secret.ts'

/** `rejected`: wrong, locked out or disabled; Cognito does not say which. */
export type TrialSignIn = (credentials: UserCredentials, options: CallOptions) => Promise<'signed_in' | 'rejected'>

type TrialSignInDeps = {
  /** One that repeats no call. */
  readonly cognito: CognitoIdentityProviderClient
  readonly logger: Logger
}

/**
 * The very sign-in that App1 makes, and RevokeToken after it: the session serves nobody. Throws AwsCallError,
 * `sign_in_challenged` when Cognito asks for something more than the password, and `sign_in_without_token`.
 */
export function createTrialSignIn({ cognito, logger }: TrialSignInDeps): TrialSignIn {
  return async (credentials, { signal: abortSignal }) => {
    const command = passwordSignInCommand(credentials)
    try {
      const answer = await awsCall('InitiateAuth', () => cognito.send(command, { abortSignal }))
      if (answer.ChallengeName !== undefined) throw new RotationError('sign_in_challenged')
      if (answer.AuthenticationResult?.AccessToken === undefined) throw new RotationError('sign_in_without_token')
      const { RefreshToken: token } = answer.AuthenticationResult
      if (token !== undefined) await revoke(token, credentials, { cognito, logger }, abortSignal)
      return 'signed_in'
    } catch (error) {
      if (failedWith(error, 'NotAuthorizedException', 'UserNotFoundException')) return 'rejected'
      throw error
    }
  }
}

/** A failure leaves a session whose tokens nobody holds, until it expires; the credentials are no worse for it. */
async function revoke(
  token: string,
  credentials: UserCredentials,
  { cognito, logger }: TrialSignInDeps,
  abortSignal: AbortSignal,
): Promise<void> {
  try {
    await cognito.send(revokeSessionCommand(credentials, token), { abortSignal })
  } catch (error) {
    logger.warn('session of the trial sign-in not revoked', { error_name: errorName(error) })
  }
}
