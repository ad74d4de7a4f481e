import {
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  DescribeUserPoolClientCommand,
  ListUserPoolClientsCommand,
  type CreateUserPoolClientCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { addUser, claimsOf, refusal, startTestPool, tokensOf, type TestPool } from '../test-aws.ts'

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

  it.each<[string, ClientInput, number, number]>([
    ['an hour by default', {}, 3600, 3600],
    ['an hour where only a unit is given', { TokenValidityUnits: { AccessToken: 'minutes' } }, 3600, 3600],
    ['hours without a unit', { AccessTokenValidity: 2 }, 7200, 3600],
    ['300 seconds at least', { AccessTokenValidity: 300, TokenValidityUnits: { AccessToken: 'seconds' } }, 300, 3600],
    ['a day at most', { AccessTokenValidity: 1, TokenValidityUnits: { AccessToken: 'days' } }, 86_400, 3600],
    ['another life than ID tokens', { IdTokenValidity: 5, TokenValidityUnits: { IdToken: 'minutes' } }, 3600, 300],
  ])('gives access tokens %s', async (_what, client, access, id) => {
    const pool = await startTestPool({ client })
    await addUser(pool, 'ada')

    const { AccessToken, IdToken, ExpiresIn } = await tokensOf(pool, 'ada')

    const [accessLife, idLife] = [AccessToken, IdToken].map((token) => {
      const { iat, exp } = claimsOf(token)
      return Number(exp) - Number(iat)
    })
    expect([ExpiresIn, accessLife, idLife]).toEqual([access, access, id])
  })

  const range = 'Invalid range for token validity.'

  it.each<[ClientInput, string]>([
    [{ AccessTokenValidity: 299, TokenValidityUnits: { AccessToken: 'seconds' } }, range],
    [{ AccessTokenValidity: 25 }, range],
    [{ IdTokenValidity: 4, TokenValidityUnits: { IdToken: 'minutes' } }, range],
    [{ RefreshTokenValidity: 59, TokenValidityUnits: { RefreshToken: 'minutes' } }, range],
    [{ RefreshTokenValidity: 3651 }, range],
    [
      { ExplicitAuthFlows: ['ALLOW_CLIENT_TOKEN_AUTH' as 'USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'] },
      'ALLOW_CLIENT_TOKEN_AUTH cannot be combined with other flows.',
    ],
    [
      { ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'USER_PASSWORD_AUTH'] },
      'ExplicitAuthFlows cannot mix values with and without the ALLOW_ prefix.',
    ],
    [
      { RefreshTokenRotation: { Feature: 'ENABLED' }, ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'] },
      'ALLOW_REFRESH_TOKEN_AUTH cannot be combined with refresh token rotation.',
    ],
    [
      { AllowedOAuthFlowsUserPoolClient: true },
      'AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.',
    ],
    [{ ReadAttributes: ['custom:absent'] }, 'Invalid read attributes specified while creating a client'],
    [{ WriteAttributes: ['custom:absent'] }, 'Invalid write attributes specified while creating a client'],
    [{ ClientSecret: 'x'.repeat(24) }, 'ClientSecret is not implemented by local AWS.'],
  ])('refuses %o', async (input, message) => {
    expect(await refusal(create(await startTestPool(), input))).toBe(`InvalidParameterException: ${message}`)
  })

  it.each<ClientInput>([
    { RefreshTokenValidity: 60, TokenValidityUnits: { RefreshToken: 'minutes' } },
    { RefreshTokenValidity: 3650 },
    { RefreshTokenValidity: 0 },
    { ExplicitAuthFlows: [] },
    { ExplicitAuthFlows: ['ALLOW_CLIENT_TOKEN_AUTH' as 'USER_PASSWORD_AUTH'] },
    { RefreshTokenRotation: { Feature: 'DISABLED' } },
    { RefreshTokenRotation: { Feature: 'ENABLED' } },
    { ReadAttributes: ['custom:badge'], WriteAttributes: [] },
  ])('takes %o', async (input) => {
    await expect(create(await startTestPool(), input)).resolves.toMatchObject({
      ClientName: 'c',
      ...input,
      ExplicitAuthFlows: expect.any(Array) as unknown,
    })
  })
})

it('DescribeUserPoolClient does not find a client in another pool', async () => {
  const { cognito, clientId: ClientId } = await startTestPool()
  const { UserPool } = await cognito.send(new CreateUserPoolCommand({ PoolName: 'other' }))

  const call = cognito.send(new DescribeUserPoolClientCommand({ UserPoolId: UserPool?.Id, ClientId }))

  expect(await refusal(call)).toBe(`ResourceNotFoundException: User pool client ${ClientId} does not exist.`)
})

it('ListUserPoolClients gives the clients of the pool in pages, without their secrets', async () => {
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
