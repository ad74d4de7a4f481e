// The secrets of the scope client in Cognito, two at most; it decides on none of them.
import {
  AddUserPoolClientSecretCommand,
  DeleteUserPoolClientSecretCommand,
  ListUserPoolClientSecretsCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import { SecretValue } from '#shared/text/secret-value.ts'
import { awsCall, failedWith, RotationError } from './rotation-error.ts'
import type { CallOptions } from './secret-store.ts'

/** Everything may throw AwsCallError. */
export type ClientSecrets = {
  /** Their ids; Cognito shows no value again. `createdAt` is in milliseconds. */
  list(options: CallOptions): Promise<readonly { readonly id: string; readonly createdAt: number }[]>
  /** Cognito draws it, and takes it from now on. */
  add(options: CallOptions): Promise<{ readonly id: string; readonly value: SecretValue }>
  /** Also when it is gone. */
  remove(id: string, options: CallOptions): Promise<void>
}

type ClientSecretsDeps = {
  readonly cognito: CognitoIdentityProviderClient
  readonly userPoolId: string
  readonly clientId: string
}

export function createClientSecrets({
  cognito,
  userPoolId: UserPoolId,
  clientId: ClientId,
}: ClientSecretsDeps): ClientSecrets {
  return {
    async list({ signal: abortSignal }) {
      // One page holds both.
      const command = new ListUserPoolClientSecretsCommand({ UserPoolId, ClientId })
      const { ClientSecrets = [] } = await awsCall('ListUserPoolClientSecrets', () =>
        cognito.send(command, { abortSignal }),
      )
      return ClientSecrets.flatMap(({ ClientSecretId: id, ClientSecretCreateDate: created }) =>
        id === undefined ? [] : [{ id, createdAt: created?.getTime() ?? 0 }],
      )
    },

    async add({ signal: abortSignal }) {
      const command = new AddUserPoolClientSecretCommand({ UserPoolId, ClientId })
      const { ClientSecretDescriptor: added } = await awsCall('AddUserPoolClientSecret', () =>
        cognito.send(command, { abortSignal }),
      )
      if (added?.ClientSecretId === undefined || added.ClientSecretValue === undefined) {
        throw new RotationError('client_secret_not_shown')
      }
      return { id: added.ClientSecretId, value: new SecretValue(added.ClientSecretValue) }
    },

    async remove(ClientSecretId, { signal: abortSignal }) {
      const command = new DeleteUserPoolClientSecretCommand({ UserPoolId, ClientId, ClientSecretId })
      try {
        await awsCall('DeleteUserPoolClientSecret', () => cognito.send(command, { abortSignal }))
      } catch (error) {
        if (!failedWith(error, 'ResourceNotFoundException')) throw error
      }
    },
  }
}
