// Reads what Cognito shows of the user that has a name already, for whoever wants to create one of that name.
import type { AdminGetUserCommandOutput } from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../errors.ts'
import type { ExistingUser } from '../recognise-user.ts'
import { attribute } from './cognito-users.ts'

/** Throws `upstream_error` for an answer that lacks what Cognito always tells. */
export function readExistingUser(user: AdminGetUserCommandOutput): ExistingUser {
  const sub = attribute(user.UserAttributes, 'sub')
  if (sub === undefined || user.UserCreateDate === undefined || user.Enabled === undefined) {
    throw new ServiceError('upstream_error', { reason: 'user_without_sub' })
  }
  const changedAfterMs = (user.UserLastModifiedDate?.getTime() ?? Infinity) - user.UserCreateDate.getTime()
  return {
    sub,
    createdAt: user.UserCreateDate,
    enabled: user.Enabled,
    awaitsPassword: user.UserStatus === 'FORCE_CHANGE_PASSWORD',
    changedSinceCreation: changedAfterMs > sameMomentMs,
    provisioningId: attribute(user.UserAttributes, 'custom:provisioning_id'),
  }
}

/**
 * Nobody promises that Cognito writes both dates of a new user from one reading of its clock; were they a millisecond
 * apart, an incomplete user would be refused to its own request for ever. No operator is as quick as this.
 */
const sameMomentMs = 1_000
