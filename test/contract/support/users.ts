// Users of a pool of the contract suite, and how they sign in.
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  AdminSetUserPasswordCommand,
  InitiateAuthCommand,
  type AdminGetUserCommandOutput,
  type InitiateAuthCommandOutput,
} from '@aws-sdk/client-cognito-identity-provider'
import { createHmac } from 'node:crypto'
import type { Group } from '#shared/access-rules.ts'
import { randomPassword } from '#shared/text/random-text.ts'
import { uniqueName, type AppClient, type Pool } from './pool.ts'

export type User = { readonly username: string; readonly password: string; readonly sub: string }

/** A new user in FORCE_CHANGE_PASSWORD, made as the pair makes one. `password` is the temporary one. */
export async function createUser({ cognito, userPoolId }: Pool, username = uniqueName()): Promise<User> {
  const password = randomPassword().expose()
  const { User: user } = await cognito.send(
    new AdminCreateUserCommand({
      UserPoolId: userPoolId,
      Username: username,
      MessageAction: 'SUPPRESS',
      TemporaryPassword: password,
      UserAttributes: [
        { Name: 'custom:human_user_id', Value: 'alice@example.com' },
        { Name: 'custom:provisioning_id', Value: `v1.${'A'.repeat(22)}.${'A'.repeat(22)}` },
      ],
    }),
  )
  const sub = user?.Attributes?.find(({ Name }) => Name === 'sub')?.Value
  if (sub === undefined) throw new Error('the new user has no sub')
  return { username, password, sub }
}

/** A new user who can sign in with `password`, and is in `groups`. */
export async function createConfirmedUser(
  pool: Pool,
  options: { readonly username?: string; readonly groups?: readonly Group[] } = {},
): Promise<User> {
  const user = await createUser(pool, options.username)
  for (const group of options.groups ?? []) {
    await pool.cognito.send(new AdminAddUserToGroupCommand({ ...whose(pool, user.username), GroupName: group }))
  }
  const password = randomPassword().expose()
  await pool.cognito.send(
    new AdminSetUserPasswordCommand({ ...whose(pool, user.username), Password: password, Permanent: true }),
  )
  return { ...user, password }
}

/** The password grant, with the right SECRET_HASH. */
export function initiateAuth(
  { cognito }: Pick<Pool, 'cognito'>,
  request: { readonly client: AppClient; readonly username: string; readonly password: string },
): Promise<InitiateAuthCommandOutput> {
  const { client, username, password } = request
  return cognito.send(
    new InitiateAuthCommand({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: client.id,
      AuthParameters: { USERNAME: username, PASSWORD: password, SECRET_HASH: secretHash(client, username) },
    }),
  )
}

/** The tokens of a sign-in that succeeds. */
export async function signIn(
  pool: Pool,
  user: User,
  client: AppClient = pool.clients.service,
): Promise<{ readonly accessToken: string; readonly idToken: string; readonly refreshToken: string }> {
  const { AuthenticationResult: result } = await initiateAuth(pool, { ...user, client })
  const { AccessToken: accessToken, IdToken: idToken, RefreshToken: refreshToken } = result ?? {}
  if (accessToken === undefined || idToken === undefined || refreshToken === undefined) {
    throw new Error('the sign-in gave no tokens')
  }
  return { accessToken, idToken, refreshToken }
}

/** REFRESH_TOKEN_AUTH at the service client, with the right SECRET_HASH. */
export function refresh(
  { cognito, clients }: Pool,
  { username }: User,
  refreshToken: string,
): Promise<InitiateAuthCommandOutput> {
  return cognito.send(
    new InitiateAuthCommand({
      AuthFlow: 'REFRESH_TOKEN_AUTH',
      ClientId: clients.service.id,
      AuthParameters: { REFRESH_TOKEN: refreshToken, SECRET_HASH: secretHash(clients.service, username) },
    }),
  )
}

export function secretHash(client: AppClient, username: string): string {
  return createHmac('sha256', client.secret).update(`${username}${client.id}`).digest('base64')
}

export function whose({ userPoolId }: Pool, username: string): { UserPoolId: string; Username: string } {
  return { UserPoolId: userPoolId, Username: username }
}

export async function groupsOf(pool: Pool, username: string): Promise<(string | undefined)[]> {
  const { Groups = [] } = await pool.cognito.send(new AdminListGroupsForUserCommand(whose(pool, username)))
  return Groups.map(({ GroupName }) => GroupName)
}

export function getUser(pool: Pool, username: string): Promise<AdminGetUserCommandOutput> {
  return pool.cognito.send(new AdminGetUserCommand(whose(pool, username)))
}
