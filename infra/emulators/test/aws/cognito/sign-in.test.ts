import {
  AdminCreateUserCommand,
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  AdminSetUserPasswordCommand,
  AdminUserGlobalSignOutCommand,
  InitiateAuthCommand,
  type InitiateAuthCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import {
  addClient,
  addUser,
  claimsOf,
  goodPassword,
  refusal,
  secretHash,
  signIn,
  startTestPool,
  tokensOf,
  type TestPool,
} from '../test-aws.ts'

async function startWithAda(options: Parameters<typeof startTestPool>[0] = {}): Promise<TestPool & { sub: string }> {
  const pool = await startTestPool(options)
  return { ...pool, sub: await addUser(pool, 'ada') }
}

function initiate(pool: TestPool, input: Partial<InitiateAuthCommandInput> = {}): Promise<string> {
  const AuthParameters = { USERNAME: 'ada', PASSWORD: goodPassword, SECRET_HASH: secretHash(pool, 'ada') }
  const command = { AuthFlow: 'USER_PASSWORD_AUTH', ClientId: pool.clientId, AuthParameters, ...input } as const
  return refusal(pool.cognito.send(new InitiateAuthCommand(command)))
}

function refresh(
  pool: TestPool,
  REFRESH_TOKEN: string,
  hashed = 'ada',
  AuthFlow = 'REFRESH_TOKEN_AUTH' as 'REFRESH_TOKEN',
) {
  const AuthParameters = { REFRESH_TOKEN, SECRET_HASH: secretHash(pool, hashed) }
  return pool.cognito.send(new InitiateAuthCommand({ AuthFlow, ClientId: pool.clientId, AuthParameters }))
}

async function failFourTimes(pool: TestPool): Promise<void> {
  for (let count = 0; count < 4; count += 1) {
    const wrong = await refusal(signIn(pool, 'ada', 'Wrong-horse-9'))
    expect(wrong).toBe('NotAuthorizedException: Incorrect username or password.')
  }
}

describe('USER_PASSWORD_AUTH', () => {
  const badHash = /^NotAuthorizedException: Unable to verify secret hash for client \w+$/
  const noHash = /^NotAuthorizedException: Client \w+ is configured with secret but SECRET_HASH was not received$/
  const missing = (name: string) => new RegExp(`^InvalidParameterException: Missing required parameter ${name}$`)

  it.each<[Record<string, string> | undefined, RegExp]>([
    [{ USERNAME: 'ada', PASSWORD: goodPassword }, noHash],
    [{ USERNAME: 'ada', PASSWORD: goodPassword, SECRET_HASH: '' }, badHash],
    [{ USERNAME: 'ada', PASSWORD: goodPassword, SECRET_HASH: 'A'.repeat(43) + '=' }, badHash],
    [{ USERNAME: '', PASSWORD: 'x' }, missing('USERNAME')],
    [undefined, missing('USERNAME')],
  ])('with %o is refused', async (AuthParameters, error) => {
    expect(await initiate(await startWithAda(), { AuthParameters })).toMatch(error)
  })

  it('takes the hash over the username that is sent, and needs PASSWORD besides', async () => {
    const pool = await startWithAda()
    const SECRET_HASH = secretHash(pool, 'ada')

    const ofBob = await initiate(pool, { AuthParameters: { USERNAME: 'bob', PASSWORD: goodPassword, SECRET_HASH } })
    const noPassword = await initiate(pool, { AuthParameters: { USERNAME: 'ada', SECRET_HASH } })

    expect(ofBob).toMatch(badHash)
    expect(noPassword).toMatch(missing('PASSWORD'))
  })

  it('at a client without a secret refuses a SECRET_HASH and needs none', async () => {
    const pool = await startWithAda({ client: { GenerateSecret: false } })

    expect(await refusal(signIn({ ...pool, clientSecret: '' }, 'ada'))).toBe('none')
    expect(await initiate(pool)).toMatch(/is not configured with a secret but SECRET_HASH was received$/)
  })

  it.each<[InitiateAuthCommandInput['AuthFlow'], string]>([
    ['USER_PASSWORD_AUTH', 'InvalidParameterException: USER_PASSWORD_AUTH flow not enabled for this client'],
    ['REFRESH_TOKEN_AUTH', 'InvalidParameterException: REFRESH_TOKEN_AUTH flow not enabled for this client'],
    ['CUSTOM_AUTH', 'InvalidParameterException: CUSTOM_AUTH flow not enabled for this client'],
    ['USER_SRP_AUTH', 'UnsupportedOperationException: USER_SRP_AUTH is not implemented by local AWS.'],
    ['ADMIN_USER_PASSWORD_AUTH', 'InvalidParameterException: Initiate Auth method not supported.'],
    ['ADMIN_NO_SRP_AUTH', 'InvalidParameterException: Initiate Auth method not supported.'],
  ])('and flow %s are not open at a client for SRP only', async (AuthFlow, error) => {
    const pool = await startWithAda({ client: { ExplicitAuthFlows: ['ALLOW_USER_SRP_AUTH'] } })

    expect(await initiate(pool, { AuthFlow })).toBe(error)
  })

  it('signs nobody in at a client of another pool, which says so unless it hides who exists', async () => {
    await startWithAda()
    const other = await startTestPool({ client: { PreventUserExistenceErrors: 'LEGACY' } })

    expect(await refusal(signIn(other, 'ada'))).toBe('UserNotFoundException: User does not exist.')
  })

  it('is refused when the temporary password is seven days old', async () => {
    const pool = await startTestPool()
    const user = { UserPoolId: pool.poolId, Username: 'ada', TemporaryPassword: goodPassword }
    await pool.cognito.send(new AdminCreateUserCommand(user))

    pool.clock.now += 7 * 86_400_000 - 1
    await expect(signIn(pool, 'ada')).resolves.toMatchObject({ ChallengeName: 'NEW_PASSWORD_REQUIRED' })
    pool.clock.now += 1

    expect(await refusal(signIn(pool, 'ada'))).toMatch(/Temporary password has expired and must be reset/)
  })
})

describe('the lock-out', () => {
  it('is forgotten after a success', async () => {
    const pool = await startWithAda()
    await failFourTimes(pool)
    await signIn(pool, 'ada')
    await failFourTimes(pool)

    expect(await refusal(signIn(pool, 'ada'))).toBe('none')
  })

  it('strikes one user and no other', async () => {
    const pool = await startWithAda()
    await addUser(pool, 'bob')
    await failFourTimes(pool)
    await refusal(signIn(pool, 'ada', 'Wrong-horse-9'))

    const [ada, bob] = [await refusal(signIn(pool, 'ada')), await refusal(signIn(pool, 'bob'))]

    expect([ada, bob]).toEqual(['NotAuthorizedException: Password attempts exceeded', 'none'])
  })
})

describe('REFRESH_TOKEN_AUTH', () => {
  it('gives tokens of the same sign-in', async () => {
    const pool = await startWithAda()
    const first = await tokensOf(pool, 'ada')
    pool.clock.now += 60_000

    const { AuthenticationResult } = await refresh(pool, first.RefreshToken)

    const [before, after] = [claimsOf(first.AccessToken), claimsOf(AuthenticationResult?.AccessToken ?? '')]
    const { sub, origin_jti, auth_time } = before
    expect(after).toMatchObject({ sub, origin_jti, auth_time, iat: Number(before['iat']) + 60 })
    expect(after['jti']).not.toBe(before['jti'])
    expect(AuthenticationResult?.IdToken).toBeDefined()
  })

  it('takes the hash over username or sub, under either name of the flow, and over nothing else', async () => {
    const pool = await startWithAda()
    const { RefreshToken } = await tokensOf(pool, 'ada')

    expect(await refusal(refresh(pool, RefreshToken, pool.sub))).toBe('none')
    expect(await refusal(refresh(pool, RefreshToken, 'ada', 'REFRESH_TOKEN'))).toBe('none')
    expect(await refusal(refresh(pool, RefreshToken, 'bob'))).toMatch(/Unable to verify secret hash for client/)
  })

  it('ends with the refresh token', async () => {
    const validity = { RefreshTokenValidity: 60, TokenValidityUnits: { RefreshToken: 'minutes' } } as const
    const pool = await startWithAda({ client: validity })
    const { RefreshToken } = await tokensOf(pool, 'ada')

    pool.clock.now += 3_599_999
    const inTime = await refusal(refresh(pool, RefreshToken))
    pool.clock.now += 1

    const late = await refusal(refresh(pool, RefreshToken))
    expect([inTime, late]).toEqual(['none', 'NotAuthorizedException: Refresh Token has expired'])
  })

  const user = (pool: TestPool) => ({ UserPoolId: pool.poolId, Username: 'ada' })
  const revoked = 'NotAuthorizedException: Refresh Token has been revoked'

  async function disableForAWhile(pool: TestPool, { signedOut }: { readonly signedOut: boolean }): Promise<void> {
    await pool.cognito.send(new AdminDisableUserCommand(user(pool)))
    if (signedOut) await pool.cognito.send(new AdminUserGlobalSignOutCommand(user(pool)))
    await pool.cognito.send(new AdminEnableUserCommand(user(pool)))
  }

  it.each<[string, (pool: TestPool) => Promise<unknown>, string]>([
    [
      'is over after a global sign-out',
      (pool) => pool.cognito.send(new AdminUserGlobalSignOutCommand(user(pool))),
      revoked,
    ],
    [
      'is over after disabling',
      (pool) => pool.cognito.send(new AdminDisableUserCommand(user(pool))),
      'NotAuthorizedException: User is disabled.',
    ],
    [
      'is over after disabling, signing out and enabling',
      (pool) => disableForAWhile(pool, { signedOut: true }),
      revoked,
    ],
    // AWS does not say that it is, so who disables has to sign out too.
    ['is not over after disabling and enabling alone', (pool) => disableForAWhile(pool, { signedOut: false }), 'none'],
    [
      'goes on after the password was changed',
      (pool) => pool.cognito.send(new AdminSetUserPasswordCommand({ ...user(pool), Password: 'Other-horse-9' })),
      'none',
    ],
  ])('%s', async (_what, end, answer) => {
    const pool = await startWithAda()
    const { RefreshToken } = await tokensOf(pool, 'ada')

    await end(pool)

    expect(await refusal(refresh(pool, RefreshToken))).toBe(answer)
  })

  it('is over when the user is deleted, also for who takes the sub as a username', async () => {
    const pool = await startWithAda()
    const { RefreshToken } = await tokensOf(pool, 'ada')
    await pool.cognito.send(new AdminDeleteUserCommand({ UserPoolId: pool.poolId, Username: 'ada' }))

    await addUser(pool, pool.sub)

    expect(await refusal(refresh(pool, RefreshToken, pool.sub))).toMatch(/^UserNotFoundException/)
  })

  it('refuses a token of another client and one that was never issued', async () => {
    const pool = await startWithAda()
    const { RefreshToken } = await tokensOf(pool, 'ada')
    const other = await addClient(pool, { GenerateSecret: true })

    const ofOther = refresh({ ...pool, clientId: other.id, clientSecret: other.secret }, RefreshToken)
    const invented = refresh(pool, `${RefreshToken}x`)

    for (const call of [ofOther, invented]) {
      expect(await refusal(call)).toBe('NotAuthorizedException: Invalid Refresh Token')
    }
  })
})
