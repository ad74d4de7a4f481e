// An operator's view of the pool, past proxies and faults: who is in it, in what state, and who can sign in.
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminListGroupsForUserCommand,
  AdminSetUserPasswordCommand,
  DescribeUserPoolClientCommand,
  InitiateAuthCommand,
  ListUsersCommand,
  type CognitoIdentityProviderClient,
  type UserType,
} from '@aws-sdk/client-cognito-identity-provider'
import { createHmac } from 'node:crypto'
import type { Provisioned } from '#infra/local/set-up/apply-templates.ts'
import { errorName } from '#shared/aws/aws-errors.ts'
import { randomPassword } from '#shared/text/random-text.ts'

export type UserState = {
  readonly username: string
  readonly sub: string
  readonly status: string
  readonly enabled: boolean
  readonly attributes: Readonly<Record<string, string>>
  readonly groups: readonly string[]
  readonly createdAt: number
  /** Any write to the user, its password included, moves it. */
  readonly modifiedAt: number
}

export type SignInAttempt =
  | { readonly kind: 'tokens'; readonly accessToken: string }
  | { readonly kind: 'challenge' }
  | { readonly kind: 'refused' }

export type NewUserState = {
  readonly username: string
  /** What a creation writes on a user; one that was made by hand has neither. */
  readonly humanUserId?: string
  readonly provisioningId?: string
  /** Absent: the user is left incomplete, waiting for a password. */
  readonly password?: string
  readonly group?: string
}

export type Operator = {
  find(username: string): Promise<UserState | undefined>
  list(): Promise<UserState[]>
  signIn(username: string, password: string): Promise<SignInAttempt>
  make(user: NewUserState): Promise<void>
  disable(username: string): Promise<void>
  /** Which takes the old one away. */
  setTemporaryPassword(username: string): Promise<void>
  remove(username: string): Promise<void>
}

export async function createOperator(cognito: CognitoIdentityProviderClient, pool: Provisioned): Promise<Operator> {
  const { userPoolId: UserPoolId, serviceClientId: ClientId } = pool
  const { UserPoolClient: client } = await cognito.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }))
  const clientSecret = client?.ClientSecret ?? ''

  const describe = async (user: UserType): Promise<UserState> => {
    const attributes = Object.fromEntries((user.Attributes ?? []).map(({ Name = '', Value = '' }) => [Name, Value]))
    const { sub = '' } = attributes
    const { Groups = [] } = await cognito.send(new AdminListGroupsForUserCommand({ UserPoolId, Username: sub }))
    return {
      username: user.Username ?? '',
      sub,
      status: user.UserStatus ?? '',
      enabled: user.Enabled ?? false,
      attributes,
      groups: Groups.map(({ GroupName = '' }) => GroupName).sort(),
      createdAt: user.UserCreateDate?.getTime() ?? 0,
      modifiedAt: user.UserLastModifiedDate?.getTime() ?? 0,
    }
  }

  const list = async (Filter?: string): Promise<UserState[]> => {
    const { Users = [] } = await cognito.send(new ListUsersCommand({ UserPoolId, ...(Filter && { Filter }) }))
    return Promise.all(Users.map(describe))
  }

  return {
    list: () => list(),
    find: async (username) => (await list(`username = "${username}"`))[0],

    async signIn(USERNAME, PASSWORD) {
      const SECRET_HASH = createHmac('sha256', clientSecret)
        .update(USERNAME + ClientId)
        .digest('base64')
      const AuthParameters = { USERNAME, PASSWORD, SECRET_HASH }
      try {
        const command = new InitiateAuthCommand({ AuthFlow: 'USER_PASSWORD_AUTH', ClientId, AuthParameters })
        const { AuthenticationResult: result } = await cognito.send(command)
        return result?.AccessToken === undefined
          ? { kind: 'challenge' }
          : { kind: 'tokens', accessToken: result.AccessToken }
      } catch (error) {
        if (errorName(error) === 'NotAuthorizedException') return { kind: 'refused' }
        // A look that failed is no look: the case must not pass because of it.
        throw error
      }
    },

    async make({ username: Username, humanUserId, provisioningId, password, group }) {
      const UserAttributes = [
        { Name: 'custom:human_user_id', Value: humanUserId },
        { Name: 'custom:provisioning_id', Value: provisioningId },
      ].filter(({ Value }) => Value !== undefined)
      const TemporaryPassword = randomPassword().expose()
      const create = { UserPoolId, Username, UserAttributes, TemporaryPassword, MessageAction: 'SUPPRESS' as const }
      await cognito.send(new AdminCreateUserCommand(create))
      if (group !== undefined) {
        await cognito.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName: group }))
      }
      if (password === undefined) return
      await cognito.send(new AdminSetUserPasswordCommand({ UserPoolId, Username, Password: password, Permanent: true }))
    },

    async disable(Username) {
      await cognito.send(new AdminDisableUserCommand({ UserPoolId, Username }))
    },
    async setTemporaryPassword(Username) {
      const Password = randomPassword().expose()
      await cognito.send(new AdminSetUserPasswordCommand({ UserPoolId, Username, Password, Permanent: false }))
    },
    async remove(Username) {
      await cognito.send(new AdminDeleteUserCommand({ UserPoolId, Username }))
    },
  }
}
