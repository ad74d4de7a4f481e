// The user directory on Cognito's Admin API; it never makes a user and never keeps a password.
import {
  AdminAddUserToGroupCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  AdminRemoveUserFromGroupCommand,
  AdminSetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
  CognitoIdentityProviderServiceException as ServiceException,
  ListUsersCommand,
  type AttributeType,
  type CognitoIdentityProviderClient,
  type UserType,
} from '@aws-sdk/client-cognito-identity-provider'
import { errorName, mapAwsError } from '#shared/aws/aws-errors.ts'
import {
  attribute,
  isPasswordRefusal,
  rethrowAwsError,
  rethrowPasswordError,
  watchAttempts,
} from '#shared/aws/cognito-users.ts'
import { ServiceError } from '#shared/errors.ts'
import type { DirectoryUser, UserDirectory } from './user-directory.ts'

type CognitoDirectoryDeps = { readonly cognito: CognitoIdentityProviderClient; readonly userPoolId: string }

export function createCognitoDirectory({ cognito, userPoolId: UserPoolId }: CognitoDirectoryDeps): UserDirectory {
  return {
    async read(username, { signal: abortSignal }) {
      const command = new AdminGetUserCommand({ UserPoolId, Username: username })
      const user = await cognito.send(command, { abortSignal }).catch(rethrowAwsError)
      return readUser(user, user.UserAttributes)
    },

    async groupsOf(sub, { signal: abortSignal }) {
      const command = new AdminListGroupsForUserCommand({ UserPoolId, Username: sub, Limit: 60 })
      const { Groups: groups = [] } = await cognito.send(command, { abortSignal }).catch(rethrowAwsError)
      return groups.flatMap(({ GroupName: name }) => name ?? [])
    },

    async list({ prefix, limit, token }, { signal: abortSignal }) {
      // No AttributesToGet: Cognito fails where a user has not all of them. No filter knows custom attributes.
      const command = new ListUsersCommand({
        UserPoolId,
        Limit: limit,
        ...(prefix !== undefined && { Filter: `username ^= "${prefix}"` }),
        ...(token !== undefined && { PaginationToken: token }),
      })
      const { Users: users = [], PaginationToken: nextToken } = await cognito
        .send(command, { abortSignal })
        .catch((error: unknown) => {
          if (token !== undefined && errorName(error) === 'InvalidParameterException') {
            const errors = [{ pointer: '/pagination_token', detail: 'is not one of this list, or is too old' }]
            throw new ServiceError('invalid_request', { errors, reason: 'pagination_token' })
          }
          throw mapAwsError(error)
        })
      return { users: users.map((user) => readUser(user, user.Attributes)), nextToken }
    },

    async disable(sub, { signal: abortSignal }) {
      const command = new AdminDisableUserCommand({ UserPoolId, Username: sub })
      await cognito.send(command, { abortSignal }).catch(rethrowAwsError)
    },

    async signOut(sub, { signal: abortSignal }) {
      const command = new AdminUserGlobalSignOutCommand({ UserPoolId, Username: sub })
      await cognito.send(command, { abortSignal }).catch(rethrowAwsError)
    },

    async enable(sub, { signal: abortSignal }) {
      const command = new AdminEnableUserCommand({ UserPoolId, Username: sub })
      await cognito.send(command, { abortSignal }).catch(rethrowAwsError)
    },

    async setPermanentPassword(sub, password, { signal: abortSignal }) {
      const command = new AdminSetUserPasswordCommand({
        UserPoolId,
        Username: sub,
        Password: password.expose(),
        Permanent: true,
      })
      const isUnsettled = watchAttempts(command)
      await cognito.send(command, { abortSignal }).catch((error: unknown) => {
        rethrowRefusal(error, { unsettled: isUnsettled() })
      })
    },

    async addToGroup(sub, group, { signal: abortSignal }) {
      const command = new AdminAddUserToGroupCommand({ UserPoolId, Username: sub, GroupName: group })
      await cognito.send(command, { abortSignal }).catch(rethrowAwsError)
    },

    async removeFromGroup(sub, group, { signal: abortSignal }) {
      const command = new AdminRemoveUserFromGroupCommand({ UserPoolId, Username: sub, GroupName: group })
      await cognito.send(command, { abortSignal }).catch(rethrowAwsError)
    },

    async remove(sub, { signal: abortSignal }) {
      const command = new AdminDeleteUserCommand({ UserPoolId, Username: sub })
      await cognito.send(command, { abortSignal }).catch(rethrowAwsError)
    },
  }
}

/**
 * A refusal says that nothing was changed, which nobody knows of an attempt before it: its answer may have been lost, and a
 * pool that remembers passwords refuses the one that it has just taken.
 */
function rethrowRefusal(error: unknown, attempts: { readonly unsettled: boolean }): never {
  const isRepeated = error instanceof ServiceException && (error.$metadata.attempts ?? 1) > 1
  if (isRepeated && isPasswordRefusal(error)) {
    throw new ServiceError('upstream_error', { reason: error.name })
  }
  rethrowPasswordError(error, attempts)
}

type UserFields = Pick<UserType, 'Username' | 'Enabled' | 'UserStatus' | 'UserCreateDate' | 'UserLastModifiedDate'>

function readUser(user: UserFields, attributes: readonly AttributeType[] | undefined): DirectoryUser {
  const sub = attribute(attributes, 'sub')
  const { Username: username, Enabled: enabled, UserCreateDate: createdAt, UserLastModifiedDate: updatedAt } = user
  if (sub === undefined || username === undefined || enabled === undefined || !createdAt || !updatedAt) {
    throw new ServiceError('upstream_error', { reason: 'user_without_sub' })
  }
  return {
    sub,
    username,
    enabled,
    awaitsPassword: user.UserStatus === 'FORCE_CHANGE_PASSWORD',
    createdAt,
    updatedAt,
    provisioningId: attribute(attributes, 'custom:provisioning_id'),
    humanUserId: attribute(attributes, 'custom:human_user_id'),
    humanProof: attribute(attributes, 'custom:human_proof'),
  }
}
