// The user directory on Cognito's Admin API; it never sends a message to anybody and never keeps a password.
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminGetUserCommand,
  AdminSetUserPasswordCommand,
  type AdminCreateUserCommandOutput,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import { errorName, mapAwsError } from '#shared/aws/aws-errors.ts'
import {
  attribute,
  isUserMissing,
  rethrowAwsError,
  rethrowPasswordError,
  watchAttempts,
} from '#shared/aws/cognito-users.ts'
import { readExistingUser } from '#shared/aws/existing-user.ts'
import { ServiceError } from '#shared/errors.ts'
import { randomPassword } from '#shared/text/random-text.ts'
import type { CreateResult, UserDirectory } from './user-directory.ts'

type CognitoDirectoryDeps = { readonly cognito: CognitoIdentityProviderClient; readonly userPoolId: string }

export function createCognitoDirectory({ cognito, userPoolId: UserPoolId }: CognitoDirectoryDeps): UserDirectory {
  return {
    async create(user, { signal: abortSignal }) {
      const command = new AdminCreateUserCommand({
        UserPoolId,
        Username: user.username,
        // Without it Cognito would invite the user by SMS or e-mail.
        MessageAction: 'SUPPRESS',
        // Known to nobody, so that a user without its permanent password cannot sign in at all.
        TemporaryPassword: randomPassword().expose(),
        UserAttributes: [
          { Name: 'custom:human_user_id', Value: user.humanUserId },
          { Name: 'custom:provisioning_id', Value: user.provisioningId },
          ...(user.humanProof === undefined ? [] : [{ Name: 'custom:human_proof', Value: user.humanProof }]),
        ],
      })
      try {
        return readCreated(await cognito.send(command, { abortSignal }))
      } catch (error) {
        // The API page's text also speaks of AliasExistsException, which its list of errors lacks.
        const nameTaken = ['UsernameExistsException', 'AliasExistsException'].includes(errorName(error))
        if (nameTaken) return { kind: 'name_taken' }
        throw mapAwsError(error)
      }
    },

    async addToGroup(sub, group, { signal: abortSignal }) {
      const command = new AdminAddUserToGroupCommand({ UserPoolId, Username: sub, GroupName: group })
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
        rethrowPasswordError(error, { unsettled: isUnsettled() })
      })
    },

    async read(subOrUsername, { signal: abortSignal }) {
      const command = new AdminGetUserCommand({ UserPoolId, Username: subOrUsername })
      return readExistingUser(await cognito.send(command, { abortSignal }).catch(rethrowAwsError))
    },

    async remove(sub, { signal: abortSignal }) {
      const command = new AdminDeleteUserCommand({ UserPoolId, Username: sub })
      try {
        await cognito.send(command, { abortSignal })
        return 'removed'
      } catch (error) {
        if (isUserMissing(error)) return 'missing'
        throw mapAwsError(error)
      }
    },
  }
}

function readCreated({ User: user, $metadata: { attempts } }: AdminCreateUserCommandOutput): CreateResult {
  const sub = attribute(user?.Attributes, 'sub')
  if (sub === undefined || user?.UserCreateDate === undefined) {
    throw new ServiceError('upstream_error', { reason: 'created_user_without_sub' })
  }
  return { kind: 'created', sub, createdAt: user.UserCreateDate, atOnce: attempts === 1 }
}
