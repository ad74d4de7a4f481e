import {
  AdminDisableUserCommand,
  AdminUserGlobalSignOutCommand,
  GetUserCommand,
  RevokeTokenCommand,
  type GetUserCommandOutput,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect } from 'vitest'
import { usePool, type AppClient } from './support/pool.ts'
import { accepted, refusal, refused, statement } from './support/statement.ts'
import { verify } from './support/tokens.ts'
import { createConfirmedUser, refresh, signIn, whose } from './support/users.ts'

const pool = usePool()

function getOwnUser(accessToken: string): Promise<GetUserCommandOutput> {
  return pool().anonymousCognito.send(new GetUserCommand({ AccessToken: accessToken }))
}

function revoke(refreshToken: string, client: AppClient, changes: { ClientSecret?: string } = {}): Promise<unknown> {
  return pool().anonymousCognito.send(
    new RevokeTokenCommand({ Token: refreshToken, ClientId: client.id, ClientSecret: client.secret, ...changes }),
  )
}

describe('an access token at Cognito', () => {
  statement('GetUser answers the bearer of an access token, without AWS credentials', async () => {
    const user = await createConfirmedUser(pool())
    const { accessToken } = await signIn(pool(), user)

    expect(await getOwnUser(accessToken)).toMatchObject({ Username: user.username })
  })

  statement('GetUser does not show attributes that the client may not read', async () => {
    const { accessToken } = await signIn(pool(), await createConfirmedUser(pool()))

    const { UserAttributes: attributes = [] } = await getOwnUser(accessToken)

    expect(attributes.map(({ Name }) => Name).filter((name) => name?.startsWith('custom:'))).toEqual([])
  })

  refused('RevokeToken makes the access token of that sign-in NotAuthorizedException at GetUser', async () => {
    const { accessToken, refreshToken } = await signIn(pool(), await createConfirmedUser(pool()))
    await revoke(refreshToken, pool().clients.service)
    return getOwnUser(accessToken)
  })

  statement('RevokeToken leaves the signature of the access token valid', async () => {
    const user = await createConfirmedUser(pool())
    const { accessToken, refreshToken } = await signIn(pool(), user)

    await revoke(refreshToken, pool().clients.service)

    expect((await verify(pool(), accessToken)).sub).toBe(user.sub)
  })

  accepted('RevokeToken leaves the other sign-ins of the same user alone', async () => {
    const user = await createConfirmedUser(pool())
    const first = await signIn(pool(), user)
    const second = await signIn(pool(), user)
    await revoke(first.refreshToken, pool().clients.service)
    return getOwnUser(second.accessToken)
  })

  refused('RevokeToken makes the refresh token NotAuthorizedException', async () => {
    const user = await createConfirmedUser(pool())
    const { refreshToken } = await signIn(pool(), user)
    await revoke(refreshToken, pool().clients.service)
    return refresh(pool(), user, refreshToken)
  })

  statement(
    'RevokeToken with the secret of another client is UnauthorizedException, and the access token lives on',
    async () => {
      const { accessToken, refreshToken } = await signIn(pool(), await createConfirmedUser(pool()))
      const { machine, service } = pool().clients

      const name = await refusal(revoke(refreshToken, service, { ClientSecret: machine.secret }))

      expect(name).toBe('UnauthorizedException')
      expect(await refusal(getOwnUser(accessToken))).toBe('none')
    },
  )

  refused('RevokeToken of an access token is UnsupportedTokenTypeException', async () => {
    const { accessToken } = await signIn(pool(), await createConfirmedUser(pool()))
    return revoke(accessToken, pool().clients.service)
  })

  refused('AdminUserGlobalSignOut makes every access token of the user NotAuthorizedException at GetUser', async () => {
    const user = await createConfirmedUser(pool())
    const { accessToken } = await signIn(pool(), user)
    await pool().cognito.send(new AdminUserGlobalSignOutCommand(whose(pool(), user.username)))
    return getOwnUser(accessToken)
  })

  refused('AdminDisableUser makes every access token of the user NotAuthorizedException at GetUser', async () => {
    const user = await createConfirmedUser(pool())
    const { accessToken } = await signIn(pool(), user)
    await pool().cognito.send(new AdminDisableUserCommand(whose(pool(), user.username)))
    return getOwnUser(accessToken)
  })
})
