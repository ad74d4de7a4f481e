// An operator's view of the pool, past proxies and faults: who is in it, in what state, and who can sign in.
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminListGroupsForUserCommand,
  AdminSetUserPasswordCommand,
  DescribeUserPoolClientCommand,
  GetTokensFromRefreshTokenCommand,
  InitiateAuthCommand,
  ListUsersCommand,
  type CognitoIdentityProviderClient,
  type InitiateAuthCommandOutput,
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
  /** Whether the session that `openSession` began can be gone on with, were the user enabled. */
  readonly session: 'none' | 'alive' | 'dead'
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
  /** Signs in and keeps the refresh token. */
  openSession(username: string, password: string): Promise<void>
  /** The access token that the session still gives; undefined where it gives none. */
  refresh(username: string): Promise<string | undefined>
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

  const sessions = new Map<string, string>()

  async function refresh(username: string): Promise<string | undefined> {
    const tokens = { RefreshToken: sessions.get(username), ClientId, ClientSecret: clientSecret }
    const { AuthenticationResult: result } = await cognito.send(new GetTokensFromRefreshTokenCommand(tokens))
    return result?.AccessToken
  }

  async function readSession(username: string): Promise<UserState['session']> {
    if (!sessions.has(username)) return 'none'
    try {
      await refresh(username)
      return 'alive'
    } catch (error) {
      const { message } = error as Error
      if (message.includes('revoked')) return 'dead'
      if (message.includes('disabled')) return 'alive'
      throw error
    }
  }

  const initiateAuth = (USERNAME: string, PASSWORD: string): Promise<InitiateAuthCommandOutput> => {
    const SECRET_HASH = createHmac('sha256', clientSecret)
      .update(USERNAME + ClientId)
      .digest('base64')
    const AuthParameters = { USERNAME, PASSWORD, SECRET_HASH }
    return cognito.send(new InitiateAuthCommand({ AuthFlow: 'USER_PASSWORD_AUTH', ClientId, AuthParameters }))
  }

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
      session: await readSession(user.Username ?? ''),
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

    async signIn(username, password) {
      try {
        const { AuthenticationResult: result } = await initiateAuth(username, password)
        return result?.AccessToken === undefined
          ? { kind: 'challenge' }
          : { kind: 'tokens', accessToken: result.AccessToken }
      } catch (error) {
        if (errorName(error) === 'NotAuthorizedException') return { kind: 'refused' }
        // A look that failed is no look: the case must not pass because of it.
        throw error
      }
    },

    async openSession(username, password) {
      const { AuthenticationResult: { RefreshToken } = {} } = await initiateAuth(username, password)
      if (RefreshToken !== undefined) sessions.set(username, RefreshToken)
    },

    refresh: (username) =>
      refresh(username).catch((error: unknown) => {
        if (['NotAuthorizedException', 'UserNotFoundException'].includes(errorName(error))) return undefined
        throw error
      }),

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
      sessions.delete(Username)
    },
  }
}
