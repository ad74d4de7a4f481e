// The user directory on Cognito's Admin API, by its one call that reads a user.
import { AdminGetUserCommand, type CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { rethrowAwsError } from '#shared/aws/cognito-users.ts'
import { readExistingUser } from '#shared/aws/existing-user.ts'
import type { UserDirectory } from './user-directory.ts'

type CognitoDirectoryDeps = { readonly cognito: CognitoIdentityProviderClient; readonly userPoolId: string }

export function createCognitoDirectory({ cognito, userPoolId: UserPoolId }: CognitoDirectoryDeps): UserDirectory {
  return {
    async read(username, { signal: abortSignal }) {
      const command = new AdminGetUserCommand({ UserPoolId, Username: username })
      return readExistingUser(await cognito.send(command, { abortSignal }).catch(rethrowAwsError))
    },
  }
}
