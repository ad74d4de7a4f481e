// The machine users in the user pool; it creates, refreshes and disables them, and never enables or deletes one.
//
// Users are addressed by name here: a machine user's name is random and its prefix reserved, so nobody can make a
// namesake, and the name is at hand before the user is.
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  AdminSetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
  DescribeUserPoolClientCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import type { Group } from '#shared/access-rules.ts'
import { randomPassword } from '#shared/text/random-text.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { awsCall, failedWith, RotationError } from './rotation-error.ts'
import type { CallOptions } from './secret-store.ts'

export type MachineUser = {
  /** Names the user in logs. */
  readonly sub: string
  readonly enabled: boolean
  /** Has a permanent password, and waits for nobody to change it. */
  readonly confirmed: boolean
}

/** Everything may throw AwsCallError. */
export type MachineUsers = {
  find(name: SecretValue, options: CallOptions): Promise<MachineUser | undefined>
  isInGroup(name: SecretValue, options: CallOptions): Promise<boolean>
  /** On return there is a user of that name. A new one is in no group, and nobody knows its temporary password. */
  create(name: SecretValue, options: CallOptions): Promise<void>
  addToGroup(name: SecretValue, options: CallOptions): Promise<void>
  /** From here on whoever knows the password can sign in. */
  setPermanentPassword(name: SecretValue, password: SecretValue, options: CallOptions): Promise<void>
  /** Ends every session that was opened with an earlier password. */
  signOutEverywhere(name: SecretValue, options: CallOptions): Promise<void>
  /** Also when the user is gone. */
  disable(name: SecretValue, options: CallOptions): Promise<void>
  /** The secret of the app client that machine users sign in through. */
  readClientSecret(options: CallOptions): Promise<SecretValue>
}

const group: Group = 'api-client'

type MachineUsersDeps = {
  readonly cognito: CognitoIdentityProviderClient
  readonly userPoolId: string
  readonly machineClientId: string
}

export function createMachineUsers({
  cognito,
  userPoolId: UserPoolId,
  machineClientId,
}: MachineUsersDeps): MachineUsers {
  const whose = (name: SecretValue) => ({ UserPoolId, Username: name.expose() })
  return {
    async find(name, { signal: abortSignal }) {
      const command = new AdminGetUserCommand(whose(name))
      try {
        const user = await awsCall('AdminGetUser', () => cognito.send(command, { abortSignal }))
        const sub = user.UserAttributes?.find(({ Name }) => Name === 'sub')?.Value ?? 'unknown'
        return { sub, enabled: user.Enabled === true, confirmed: user.UserStatus === 'CONFIRMED' }
      } catch (error) {
        if (failedWith(error, 'UserNotFoundException')) return undefined
        throw error
      }
    },

    async isInGroup(name, { signal: abortSignal }) {
      // One page is Cognito's sixty groups; a machine user has one.
      const command = new AdminListGroupsForUserCommand({ ...whose(name), Limit: 60 })
      const { Groups = [] } = await awsCall('AdminListGroupsForUser', () => cognito.send(command, { abortSignal }))
      return Groups.some(({ GroupName }) => GroupName === group)
    },

    async create(name, { signal: abortSignal }) {
      const command = new AdminCreateUserCommand({
        ...whose(name),
        // Without it Cognito would invite the user by SMS or e-mail.
        MessageAction: 'SUPPRESS',
        // Known to nobody, so that a user without its permanent password cannot sign in at all.
        TemporaryPassword: randomPassword().expose(),
      })
      try {
        await awsCall('AdminCreateUser', () => cognito.send(command, { abortSignal }))
      } catch (error) {
        // Made by an earlier attempt, perhaps one of the SDK's own whose answer was lost.
        if (!failedWith(error, 'UsernameExistsException')) throw error
      }
    },

    async addToGroup(name, { signal: abortSignal }) {
      const command = new AdminAddUserToGroupCommand({ ...whose(name), GroupName: group })
      await awsCall('AdminAddUserToGroup', () => cognito.send(command, { abortSignal }))
    },

    async setPermanentPassword(name, password, { signal: abortSignal }) {
      const command = new AdminSetUserPasswordCommand({ ...whose(name), Password: password.expose(), Permanent: true })
      await awsCall('AdminSetUserPassword', () => cognito.send(command, { abortSignal }))
    },

    async signOutEverywhere(name, { signal: abortSignal }) {
      const command = new AdminUserGlobalSignOutCommand(whose(name))
      await awsCall('AdminUserGlobalSignOut', () => cognito.send(command, { abortSignal }))
    },

    async disable(name, { signal: abortSignal }) {
      const command = new AdminDisableUserCommand(whose(name))
      try {
        await awsCall('AdminDisableUser', () => cognito.send(command, { abortSignal }))
      } catch (error) {
        if (!failedWith(error, 'UserNotFoundException')) throw error
      }
    },

    async readClientSecret({ signal: abortSignal }) {
      const command = new DescribeUserPoolClientCommand({ UserPoolId, ClientId: machineClientId })
      const { UserPoolClient: client } = await awsCall('DescribeUserPoolClient', () =>
        cognito.send(command, { abortSignal }),
      )
      if (client?.ClientSecret === undefined) throw new RotationError('client_without_secret')
      return new SecretValue(client.ClientSecret)
    },
  }
}
