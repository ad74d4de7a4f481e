// What Cognito's Admin API says of a user, and that there is none; it addresses nobody.
import {
  CognitoIdentityProviderServiceException as ServiceException,
  type AdminSetUserPasswordCommand,
  type AttributeType,
} from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../errors.ts'
import { errorName, mapAwsError } from './aws-errors.ts'

/** There is no such user, or none that this part of the directory shows yet. */
export class UserMissingError extends Error {
  override readonly name = 'UserMissingError'
}

export function isUserMissing(error: unknown): boolean {
  return errorName(error) === 'UserNotFoundException'
}

/** Throws UserMissingError, or what `mapAwsError` makes of any other failure. */
export function rethrowAwsError(error: unknown): never {
  throw isUserMissing(error) ? new UserMissingError() : mapAwsError(error)
}

/** The pool's own policy does not take the password. */
export function isPasswordRefusal(error: unknown): boolean {
  return ['InvalidPasswordException', 'PasswordHistoryPolicyViolationException'].includes(errorName(error))
}

/** As `rethrowAwsError`, by what `watchAttempts` says; throws `weak_password` where the pool's own policy refuses the password. */
export function rethrowPasswordError(error: unknown, { unsettled }: { readonly unsettled: boolean }): never {
  if (isUserMissing(error)) throw new UserMissingError()
  if (!isPasswordRefusal(error)) throw mapAwsError(error).with({ unsettled })
  const errors = [{ pointer: '/password', detail: 'is refused by the user pool' }]
  throw new ServiceError('weak_password', { errors, reason: errorName(error), unsettled })
}

/**
 * Whether, of all attempts at `command` by then, one was given up or failed on AWS's side: it may still take effect, whatever
 * the last one was refused for. To be called before the command is sent.
 */
export function watchAttempts(command: AdminSetUserPasswordCommand): () => boolean {
  let unsettled = false
  command.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args)
      } catch (error) {
        if (!(error instanceof ServiceException) || error.$fault === 'server') unsettled = true
        throw error
      }
    },
    // Within the SDK's repeats.
    { step: 'finalizeRequest', priority: 'low', name: 'watchAttempts' },
  )
  return () => unsettled
}

/** The value of an attribute, custom ones with their prefix. */
export function attribute(attributes: readonly AttributeType[] | undefined, name: string): string | undefined {
  return attributes?.find((candidate) => candidate.Name === name)?.Value
}
