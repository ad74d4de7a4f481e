import {
  CreateUserPoolClientCommand,
  GetTokensFromRefreshTokenCommand,
  type AuthenticationResultType,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect } from 'vitest'
import { usePool, type AppClient } from './support/pool.ts'
import { refused, statement } from './support/statement.ts'
import { verify } from './support/tokens.ts'
import { createConfirmedUser, signIn } from './support/users.ts'

const pool = usePool()

/** Takes the secret itself, and neither a hash nor AWS credentials. */
async function renew(refreshToken: string, client: AppClient): Promise<AuthenticationResultType> {
  const { AuthenticationResult: result = {} } = await pool().anonymousCognito.send(
    new GetTokensFromRefreshTokenCommand({
      RefreshToken: refreshToken,
      ClientId: client.id,
      ClientSecret: client.secret,
    }),
  )
  return result
}

async function makeRotatingClient(): Promise<AppClient> {
  const { UserPoolClient: made } = await pool().cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId: pool().userPoolId,
      ClientName: 'rotating',
      GenerateSecret: true,
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'],
      RefreshTokenRotation: { Feature: 'ENABLED', RetryGracePeriodSeconds: 0 },
    }),
  )
  return { id: made?.ClientId ?? '', secret: made?.ClientSecret ?? '' }
}

// API_GetTokensFromRefreshToken.html, and "Refresh tokens" of the developer guide; aws-amplify calls it.
describe('GetTokensFromRefreshToken', () => {
  statement('GetTokensFromRefreshToken gives new tokens of the same sign-in and no new refresh token', async () => {
    const { service } = pool().clients
    const user = await createConfirmedUser(pool())
    const { accessToken, refreshToken } = await signIn(pool(), user)

    const result = await renew(refreshToken, service)

    const [before, after] = [await verify(pool(), accessToken), await verify(pool(), result.AccessToken ?? '')]
    expect(after).toMatchObject({ sub: user.sub, origin_jti: before.origin_jti })
    expect(after.jti).not.toBe(before.jti)
    expect(result.IdToken).toBeTypeOf('string')
    expect(result.RefreshToken).toBeUndefined()
  })

  refused('GetTokensFromRefreshToken with the secret of another client is NotAuthorizedException', async () => {
    const { machine, service } = pool().clients
    const { refreshToken } = await signIn(pool(), await createConfirmedUser(pool()))
    return renew(refreshToken, { ...service, secret: machine.secret })
  })

  refused('GetTokensFromRefreshToken of a token of another client is NotAuthorizedException', async () => {
    const { refreshToken } = await signIn(pool(), await createConfirmedUser(pool()))
    return renew(refreshToken, pool().clients.machine)
  })

  statement('a client that rotates refresh tokens gives a new one, which renews in its turn', async () => {
    const client = await makeRotatingClient()
    const { refreshToken } = await signIn(pool(), await createConfirmedUser(pool()), client)

    const { RefreshToken: second = '' } = await renew(refreshToken, client)

    expect(second).not.toBe(refreshToken)
    expect((await renew(second, client)).AccessToken).toBeTypeOf('string')
  })

  refused('a refresh token that was rotated away is RefreshTokenReuseException', async () => {
    const client = await makeRotatingClient()
    const { refreshToken } = await signIn(pool(), await createConfirmedUser(pool()), client)
    await renew(refreshToken, client)
    return renew(refreshToken, client)
  })
})
