import {
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  DescribeUserPoolClientCommand,
  ListUserPoolClientsCommand,
  type CreateUserPoolClientCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { addUser, claimsOf, startTestPool, tokensOf, type TestPool } from '../test-aws.ts'

type ClientInput = Partial<CreateUserPoolClientCommandInput>

async function create({ cognito, poolId }: TestPool, input: ClientInput = {}): Promise<Record<string, unknown>> {
  const { UserPoolClient } = await cognito.send(
    new CreateUserPoolClientCommand({ UserPoolId: poolId, ClientName: 'c', ...input }),
  )
  return { ...UserPoolClient }
}

describe('CreateUserPoolClient', () => {
  it('without options has the defaults of AWS: no secret, and no password sign-in', async () => {
    const pool = await startTestPool()

    const client = await create(pool)

    expect(client).toMatchObject({
      UserPoolId: pool.poolId,
      ClientName: 'c',
      CreationDate: new Date(pool.clock.now),
      EnableTokenRevocation: true,
      ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH', 'ALLOW_USER_SRP_AUTH', 'ALLOW_CUSTOM_AUTH'],
      PreventUserExistenceErrors: 'LEGACY',
      RefreshTokenValidity: 30,
    })
    expect(client['ClientId']).toMatch(/^[0-9a-z]{26}$/)
    expect(client).not.toHaveProperty('ClientSecret')
  })

  it('can have a secret, which DescribeUserPoolClient shows again', async () => {
    const pool = await startTestPool()
    const client = await create(pool, { GenerateSecret: true, TokenValidityUnits: { AccessToken: 'minutes' } })

    const described = await pool.cognito.send(
      new DescribeUserPoolClientCommand({ UserPoolId: pool.poolId, ClientId: String(client['ClientId']) }),
    )

    expect(client['ClientSecret']).toMatch(/^[0-9a-z]{52}$/)
    expect(described.UserPoolClient).toEqual(client)
  })

  it.each<[string, ClientInput, number]>([
    ['an hour by default', {}, 3600],
    ['an hour where only a unit is given', { TokenValidityUnits: { AccessToken: 'minutes' } }, 3600],
    ['hours without a unit', { AccessTokenValidity: 2 }, 7200],
    ['300 seconds at least', { AccessTokenValidity: 300, TokenValidityUnits: { AccessToken: 'seconds' } }, 300],
    ['5 minutes', { AccessTokenValidity: 5, TokenValidityUnits: { AccessToken: 'minutes' } }, 300],
    ['a day at most', { AccessTokenValidity: 1, TokenValidityUnits: { AccessToken: 'days' } }, 86_400],
  ])('gives access tokens %s', async (_what, client, seconds) => {
    const pool = await startTestPool({ client })
    await addUser(pool, 'ada')

    const { AccessToken, ExpiresIn } = await tokensOf(pool, 'ada')

    const { iat, exp } = claimsOf(AccessToken)
    expect(ExpiresIn).toBe(seconds)
    expect(Number(exp) - Number(iat)).toBe(seconds)
  })

  it('gives ID tokens a life of their own', async () => {
    const pool = await startTestPool({ client: { IdTokenValidity: 10, TokenValidityUnits: { IdToken: 'minutes' } } })
    await addUser(pool, 'ada')

    const { IdToken } = await tokensOf(pool, 'ada')

    const { iat, exp } = claimsOf(IdToken)
    expect(Number(exp) - Number(iat)).toBe(600)
  })

  it.each<[ClientInput, string]>([
    [{ AccessTokenValidity: 299, TokenValidityUnits: { AccessToken: 'seconds' } }, 'Invalid range for token validity.'],
    [{ AccessTokenValidity: 25 }, 'Invalid range for token validity.'],
    [{ IdTokenValidity: 4, TokenValidityUnits: { IdToken: 'minutes' } }, 'Invalid range for token validity.'],
    [
      { RefreshTokenValidity: 59, TokenValidityUnits: { RefreshToken: 'minutes' } },
      'Invalid range for token validity.',
    ],
    [{ RefreshTokenValidity: 3651 }, 'Invalid range for token validity.'],
    [
      { ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'USER_PASSWORD_AUTH'] },
      'ExplicitAuthFlows cannot mix values with and without the ALLOW_ prefix.',
    ],
    [
      { ExplicitAuthFlows: ['ALLOW_CLIENT_TOKEN_AUTH' as 'USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] },
      'ALLOW_CLIENT_TOKEN_AUTH cannot be combined with other flows.',
    ],
    [
      { RefreshTokenRotation: { Feature: 'ENABLED' }, ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'] },
      'ALLOW_REFRESH_TOKEN_AUTH cannot be combined with refresh token rotation.',
    ],
    [{ ReadAttributes: ['custom:absent'] }, 'Invalid read attributes specified while creating a client'],
    [{ WriteAttributes: ['custom:absent'] }, 'Invalid write attributes specified while creating a client'],
  ])('refuses %o', async (input, message) => {
    const pool = await startTestPool()

    await expect(create(pool, input)).rejects.toMatchObject({ name: 'InvalidParameterException', message })
  })

  it.each<ClientInput>([
    { RefreshTokenValidity: 60, TokenValidityUnits: { RefreshToken: 'minutes' } },
    { RefreshTokenValidity: 3650 },
    { RefreshTokenValidity: 0 },
    { ExplicitAuthFlows: [] },
    { ExplicitAuthFlows: ['USER_PASSWORD_AUTH', 'ADMIN_NO_SRP_AUTH'] },
    { ExplicitAuthFlows: ['ALLOW_CLIENT_TOKEN_AUTH' as 'USER_PASSWORD_AUTH'] },
    { RefreshTokenRotation: { Feature: 'DISABLED' } },
    { RefreshTokenRotation: { Feature: 'ENABLED' } },
    { ReadAttributes: ['custom:badge'], WriteAttributes: [] },
  ])('takes %o', async (input) => {
    const pool = await startTestPool()

    await expect(create(pool, input)).resolves.toMatchObject({ ClientName: 'c' })
  })
})

describe('DescribeUserPoolClient', () => {
  it('does not find a client in another pool', async () => {
    const { cognito, clientId } = await startTestPool()
    const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: 'other' }))

    const call = cognito.send(new DescribeUserPoolClientCommand({ UserPoolId: UserPool?.Id, ClientId: clientId }))

    await expect(call).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `User pool client ${clientId} does not exist.`,
    })
  })
})

describe('ListUserPoolClients', () => {
  it('gives the clients of the pool in pages, without their secrets', async () => {
    const pool = await startTestPool()
    await create(pool, { ClientName: 'second', GenerateSecret: true })
    const other = await pool.cognito.send(new CreateUserPoolCommand({ PoolName: 'other' }))
    await create({ ...pool, poolId: other.UserPool?.Id ?? '' })
    const list = (NextToken?: string): ListUserPoolClientsCommand =>
      new ListUserPoolClientsCommand({ UserPoolId: pool.poolId, MaxResults: 1, NextToken })

    const first = await pool.cognito.send(list())
    const second = await pool.cognito.send(list(first.NextToken))

    expect(first.UserPoolClients).toEqual([{ ClientId: pool.clientId, ClientName: 'machine', UserPoolId: pool.poolId }])
    expect(second.UserPoolClients?.map(({ ClientName }) => ClientName)).toEqual(['second'])
    expect(second.NextToken).toBeUndefined()
  })
})
