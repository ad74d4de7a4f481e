import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminSetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
  CreateUserPoolClientCommand,
  InitiateAuthCommand,
  RevokeTokenCommand,
  type InitiateAuthCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import {
  addUser,
  claimsOf,
  goodPassword,
  secretHash,
  signIn,
  startTestPool,
  tokensOf,
  type TestPool,
} from '../test-aws.ts'

const wrong = { name: 'NotAuthorizedException', message: 'Incorrect username or password.' }
const locked = { name: 'NotAuthorizedException', message: 'Password attempts exceeded' }

function initiate(pool: TestPool, input: Partial<InitiateAuthCommandInput> = {}): Promise<unknown> {
  return pool.cognito.send(
    new InitiateAuthCommand({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: pool.clientId,
      AuthParameters: { USERNAME: 'ada', PASSWORD: goodPassword, SECRET_HASH: secretHash(pool, 'ada') },
      ...input,
    }),
  )
}

function refresh(
  pool: TestPool,
  token: string,
  hashed = 'ada',
  AuthFlow: 'REFRESH_TOKEN_AUTH' | 'REFRESH_TOKEN' = 'REFRESH_TOKEN_AUTH',
) {
  const SECRET_HASH = secretHash(pool, hashed)
  return pool.cognito.send(
    new InitiateAuthCommand({
      AuthFlow,
      ClientId: pool.clientId,
      AuthParameters: { REFRESH_TOKEN: token, SECRET_HASH },
    }),
  )
}

async function failTimes(pool: TestPool, times: number): Promise<void> {
  for (let count = 0; count < times; count += 1)
    await expect(signIn(pool, 'ada', 'Wrong-horse-9')).rejects.toMatchObject(wrong)
}

describe('USER_PASSWORD_AUTH', () => {
  it('gives three tokens for an hour', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')

    const result = await signIn(pool, 'ada')

    expect(result).toMatchObject({
      AuthenticationResult: { ExpiresIn: 3600, TokenType: 'Bearer' },
      ChallengeParameters: {},
    })
    expect(result.ChallengeName).toBeUndefined()
    expect(result.AuthenticationResult?.RefreshToken).toMatch(/^eyJ[\w-]+(\.[\w-]+){4}$/)
  })

  it('takes the username in any case where the pool ignores case, and the hash over it as it was sent', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')

    await expect(signIn(pool, 'ADA')).resolves.toHaveProperty('AuthenticationResult')
  })

  it.each<[string, Record<string, string>, object]>([
    [
      'no SECRET_HASH',
      {},
      {
        name: 'NotAuthorizedException',
        message: /^Client \w+ is configured with secret but SECRET_HASH was not received$/,
      },
    ],
    [
      'an empty SECRET_HASH',
      { SECRET_HASH: '' },
      { name: 'NotAuthorizedException', message: /^Unable to verify secret hash for client \w+$/ },
    ],
    [
      'a wrong SECRET_HASH',
      { SECRET_HASH: 'A'.repeat(43) + '=' },
      { name: 'NotAuthorizedException', message: /^Unable to verify secret hash for client \w+$/ },
    ],
  ])('refuses %s', async (_what, hash, { name, message }: { name?: string; message?: RegExp }) => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')

    await expect(
      initiate(pool, { AuthParameters: { USERNAME: 'ada', PASSWORD: goodPassword, ...hash } }),
    ).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message ?? /^$/) as string,
    })
  })

  it('refuses the hash over another username', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')

    const call = initiate(pool, {
      AuthParameters: { USERNAME: 'ada', PASSWORD: goodPassword, SECRET_HASH: secretHash(pool, 'bob') },
    })

    await expect(call).rejects.toMatchObject({ message: `Unable to verify secret hash for client ${pool.clientId}` })
  })

  it('at a client without a secret refuses a SECRET_HASH and needs none', async () => {
    const pool = await startTestPool({ client: { GenerateSecret: false } })
    await addUser(pool, 'ada')
    const withHash = { USERNAME: 'ada', PASSWORD: goodPassword, SECRET_HASH: 'A'.repeat(43) + '=' }

    await expect(signIn({ ...pool, clientSecret: '' }, 'ada')).resolves.toHaveProperty('AuthenticationResult')
    await expect(initiate(pool, { AuthParameters: withHash })).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: `Client ${pool.clientId} is not configured with a secret but SECRET_HASH was received`,
    })
  })

  it.each([
    ['USERNAME', { PASSWORD: 'x' }],
    ['USERNAME', { USERNAME: '', PASSWORD: 'x' }],
    ['USERNAME', undefined],
  ])('needs %s in %j', async (name, AuthParameters) => {
    const pool = await startTestPool()

    await expect(initiate(pool, { AuthParameters })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `Missing required parameter ${name}`,
    })
  })

  it('needs PASSWORD', async () => {
    const pool = await startTestPool()

    const call = initiate(pool, { AuthParameters: { USERNAME: 'ada', SECRET_HASH: secretHash(pool, 'ada') } })

    await expect(call).rejects.toMatchObject({ message: 'Missing required parameter PASSWORD' })
  })

  it.each([
    ['ENABLED', wrong],
    ['LEGACY', { name: 'UserNotFoundException', message: 'User does not exist.' }],
  ] as const)(
    'with PreventUserExistenceErrors %s says of an unknown user %o',
    async (PreventUserExistenceErrors, error) => {
      const pool = await startTestPool({ client: { PreventUserExistenceErrors } })

      await expect(signIn(pool, 'nobody')).rejects.toMatchObject(error)
    },
  )

  it.each<[InitiateAuthCommandInput['AuthFlow'], string, string]>([
    ['USER_PASSWORD_AUTH', 'InvalidParameterException', 'USER_PASSWORD_AUTH flow not enabled for this client'],
    ['REFRESH_TOKEN_AUTH', 'InvalidParameterException', 'REFRESH_TOKEN_AUTH flow not enabled for this client'],
    ['CUSTOM_AUTH', 'InvalidParameterException', 'CUSTOM_AUTH flow not enabled for this client'],
    ['USER_SRP_AUTH', 'UnsupportedOperationException', 'USER_SRP_AUTH is not implemented by local AWS.'],
    ['ADMIN_USER_PASSWORD_AUTH', 'InvalidParameterException', 'Initiate Auth method not supported.'],
    ['ADMIN_NO_SRP_AUTH', 'InvalidParameterException', 'Initiate Auth method not supported.'],
  ])('and flow %s are not open at a client for SRP only', async (AuthFlow, name, message) => {
    const pool = await startTestPool({ client: { ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'] } })
    await addUser(pool, 'ada')

    await expect(initiate(pool, { AuthFlow })).rejects.toMatchObject({ name, message })
  })

  it('is refused at a client that does not exist', async () => {
    const pool = await startTestPool()

    await expect(initiate(pool, { ClientId: 'absent' })).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'User pool client absent does not exist.',
    })
  })

  it('signs nobody in at a client of another pool', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')
    const other = await startTestPool({ client: { PreventUserExistenceErrors: 'LEGACY' } })

    await expect(signIn(other, 'ada')).rejects.toMatchObject({ name: 'UserNotFoundException' })
  })
})

describe('the lock-out', () => {
  it('begins at the fifth wrong password, for a second, and also refuses the right one', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')
    await failTimes(pool, 5)

    await expect(signIn(pool, 'ada')).rejects.toMatchObject(locked)
    pool.clock.now += 999
    await expect(signIn(pool, 'ada')).rejects.toMatchObject(locked)
    pool.clock.now += 1

    await expect(signIn(pool, 'ada')).resolves.toHaveProperty('AuthenticationResult')
  })

  it('does not begin after four', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')
    await failTimes(pool, 4)

    await expect(signIn(pool, 'ada')).resolves.toHaveProperty('AuthenticationResult')
  })

  it('is forgotten after a success', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')
    await failTimes(pool, 4)
    await signIn(pool, 'ada')
    await failTimes(pool, 4)

    await expect(signIn(pool, 'ada')).resolves.toHaveProperty('AuthenticationResult')
  })

  it('strikes one user and no other', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')
    await addUser(pool, 'bob')
    await failTimes(pool, 5)

    await expect(signIn(pool, 'bob')).resolves.toHaveProperty('AuthenticationResult')
  })
})

describe('REFRESH_TOKEN_AUTH', () => {
  it('gives new access and ID tokens of the same sign-in, and no new refresh token', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')
    const first = await tokensOf(pool, 'ada')
    pool.clock.now += 60_000

    const { AuthenticationResult } = await refresh(pool, first.RefreshToken)

    const [before, after] = [claimsOf(first.AccessToken), claimsOf(AuthenticationResult?.AccessToken ?? '')]
    expect(AuthenticationResult).not.toHaveProperty('RefreshToken')
    expect(AuthenticationResult?.IdToken).toBeDefined()
    expect(after).toMatchObject({
      sub: before['sub'],
      origin_jti: before['origin_jti'],
      auth_time: before['auth_time'],
    })
    expect(Number(after['iat']) - Number(before['iat'])).toBe(60)
    expect(after['jti']).not.toBe(before['jti'])
  })

  it('takes the hash over username or sub, under either name of the flow, and over nothing else', async () => {
    const pool = await startTestPool()
    const sub = await addUser(pool, 'ada')
    const { RefreshToken } = await tokensOf(pool, 'ada')

    await expect(refresh(pool, RefreshToken, sub)).resolves.toHaveProperty('AuthenticationResult')
    await expect(refresh(pool, RefreshToken, 'ada', 'REFRESH_TOKEN')).resolves.toHaveProperty('AuthenticationResult')
    await expect(refresh(pool, RefreshToken, 'bob')).rejects.toMatchObject({
      message: `Unable to verify secret hash for client ${pool.clientId}`,
    })
  })

  it('ends with the refresh token', async () => {
    const validity = { RefreshTokenValidity: 60, TokenValidityUnits: { RefreshToken: 'minutes' } } as const
    const pool = await startTestPool({ client: validity })
    await addUser(pool, 'ada')
    const { RefreshToken } = await tokensOf(pool, 'ada')

    pool.clock.now += 3_599_999
    await expect(refresh(pool, RefreshToken)).resolves.toHaveProperty('AuthenticationResult')
    pool.clock.now += 1

    await expect(refresh(pool, RefreshToken)).rejects.toMatchObject({ message: 'Refresh Token has expired' })
  })

  it.each<[string, (pool: TestPool, token: string) => Promise<unknown>]>([
    [
      'RevokeToken',
      ({ cognito, clientId, clientSecret }, Token) =>
        cognito.send(new RevokeTokenCommand({ Token, ClientId: clientId, ClientSecret: clientSecret })),
    ],
    [
      'a global sign-out',
      ({ cognito, poolId }) => cognito.send(new AdminUserGlobalSignOutCommand({ UserPoolId: poolId, Username: 'ada' })),
    ],
    [
      'disabling',
      ({ cognito, poolId }) => cognito.send(new AdminDisableUserCommand({ UserPoolId: poolId, Username: 'ada' })),
    ],
  ])('is over after %s', async (_what, end) => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')
    const { RefreshToken } = await tokensOf(pool, 'ada')

    await end(pool, RefreshToken)

    await expect(refresh(pool, RefreshToken)).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'Refresh Token has been revoked',
    })
  })

  it('goes on after the password was changed', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')
    const { RefreshToken } = await tokensOf(pool, 'ada')

    await pool.cognito.send(
      new AdminSetUserPasswordCommand({
        UserPoolId: pool.poolId,
        Username: 'ada',
        Password: 'Other-horse-9',
        Permanent: true,
      }),
    )

    await expect(refresh(pool, RefreshToken)).resolves.toHaveProperty('AuthenticationResult')
  })

  it('is over when the user is deleted, also for who takes the sub as a username', async () => {
    const pool = await startTestPool()
    const sub = await addUser(pool, 'ada')
    const { RefreshToken } = await tokensOf(pool, 'ada')
    await pool.cognito.send(new AdminDeleteUserCommand({ UserPoolId: pool.poolId, Username: 'ada' }))

    await addUser(pool, sub)

    await expect(refresh(pool, RefreshToken, sub)).rejects.toMatchObject({ name: 'UserNotFoundException' })
  })

  it('refuses a token of another client and one that was never issued', async () => {
    const pool = await startTestPool()
    await addUser(pool, 'ada')
    const { RefreshToken } = await tokensOf(pool, 'ada')
    const { UserPoolClient } = await pool.cognito.send(
      new CreateUserPoolClientCommand({ UserPoolId: pool.poolId, ClientName: 'other', GenerateSecret: true }),
    )
    const other = {
      ...pool,
      clientId: UserPoolClient?.ClientId ?? '',
      clientSecret: UserPoolClient?.ClientSecret ?? '',
    }
    const invalid = { name: 'NotAuthorizedException', message: 'Invalid Refresh Token' }

    await expect(refresh(other, RefreshToken)).rejects.toMatchObject(invalid)
    await expect(refresh(pool, `${RefreshToken}x`)).rejects.toMatchObject(invalid)
  })
})
