import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminUpdateUserAttributesCommand,
  AdminUserGlobalSignOutCommand,
  CreateUserPoolClientCommand,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  InitiateAuthCommand,
  RevokeTokenCommand,
  type RevokeTokenCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { addUser, startTestPool, tokensOf, type TestPool } from '../test-aws.ts'

type SignedIn = TestPool & { readonly sub: string; readonly access: string; readonly refresh: string }

async function startSignedIn(options: Parameters<typeof startTestPool>[0] = {}): Promise<SignedIn> {
  const pool = await startTestPool(options)
  const sub = await addUser(pool, 'ada')
  const { AccessToken, RefreshToken } = await tokensOf(pool, 'ada')
  return { ...pool, sub, access: AccessToken, refresh: RefreshToken }
}

function revoke(pool: SignedIn, input: Partial<RevokeTokenCommandInput> = {}): Promise<unknown> {
  const { refresh, clientId, clientSecret } = pool
  return pool.cognito.send(
    new RevokeTokenCommand({ Token: refresh, ClientId: clientId, ClientSecret: clientSecret, ...input }),
  )
}

function getUser({ cognito, access }: SignedIn): Promise<unknown> {
  return cognito.send(new GetUserCommand({ AccessToken: access }))
}

const revoked = { name: 'NotAuthorizedException', message: 'Access Token has been revoked' }

describe('GetUser', () => {
  it('shows whose access token it is, and of the attributes sub and what the client may read', async () => {
    const signedIn = await startSignedIn({ client: { ReadAttributes: ['nickname'] } })
    const UserAttributes = ['nickname', 'name'].map((Name) => ({ Name, Value: 'Ada' }))
    await signedIn.cognito.send(
      new AdminUpdateUserAttributesCommand({ UserPoolId: signedIn.poolId, Username: 'ada', UserAttributes }),
    )

    const user = await getUser(signedIn)

    expect(user).toMatchObject({
      Username: 'ada',
      UserAttributes: [
        { Name: 'sub', Value: signedIn.sub },
        { Name: 'nickname', Value: 'Ada' },
      ],
    })
  })

  it.each<[string, (pool: SignedIn) => Promise<unknown>]>([
    ['RevokeToken', (pool) => revoke(pool)],
    [
      'a global sign-out',
      ({ cognito, poolId }) => cognito.send(new AdminUserGlobalSignOutCommand({ UserPoolId: poolId, Username: 'ada' })),
    ],
    [
      'disabling',
      ({ cognito, poolId }) => cognito.send(new AdminDisableUserCommand({ UserPoolId: poolId, Username: 'ada' })),
    ],
  ])('is refused after %s', async (_what, end) => {
    const signedIn = await startSignedIn()

    await end(signedIn)

    await expect(getUser(signedIn)).rejects.toMatchObject(revoked)
  })

  it('is refused from the second on in which the token expires', async () => {
    const signedIn = await startSignedIn()

    signedIn.clock.now += 3_599_999
    await expect(getUser(signedIn)).resolves.toMatchObject({ Username: 'ada' })
    signedIn.clock.now += 1

    await expect(getUser(signedIn)).rejects.toMatchObject({
      name: 'NotAuthorizedException',
      message: 'Access Token has expired',
    })
  })

  it('is refused with any other token', async () => {
    const signedIn = await startSignedIn()
    const { IdToken } = await tokensOf(signedIn, 'ada')
    const invalid = { name: 'NotAuthorizedException', message: 'Invalid Access Token' }

    await expect(getUser({ ...signedIn, access: IdToken })).rejects.toMatchObject(invalid)
    await expect(getUser({ ...signedIn, access: signedIn.refresh })).rejects.toMatchObject(invalid)
    await expect(getUser({ ...signedIn, access: `${signedIn.access}=` })).rejects.toMatchObject(invalid)
  })

  it('goes on after the keys were rotated', async () => {
    const signedIn = await startSignedIn()

    await signedIn.aws.rotateSigningKeys(signedIn.poolId)

    await expect(getUser(signedIn)).resolves.toMatchObject({ Username: 'ada' })
  })

  it('does not show whoever takes the sub of a deleted user as a name', async () => {
    const signedIn = await startSignedIn()
    await signedIn.cognito.send(new AdminDeleteUserCommand({ UserPoolId: signedIn.poolId, Username: 'ada' }))

    await addUser(signedIn, signedIn.sub)

    await expect(getUser(signedIn)).rejects.toMatchObject({ name: 'UserNotFoundException' })
  })
})

describe('GetTokensFromRefreshToken of a client that rotates', () => {
  const hour = { RefreshTokenValidity: 60, TokenValidityUnits: { RefreshToken: 'minutes' } } as const

  function startRotating(RetryGracePeriodSeconds?: number): Promise<SignedIn> {
    const RefreshTokenRotation = { Feature: 'ENABLED', RetryGracePeriodSeconds } as const
    return startSignedIn({
      client: { ...hour, GenerateSecret: false, ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH'], RefreshTokenRotation },
    })
  }

  async function renew({ cognito, clientId }: SignedIn, RefreshToken: string): Promise<string> {
    const { AuthenticationResult } = await cognito.send(
      new GetTokensFromRefreshTokenCommand({ RefreshToken, ClientId: clientId }),
    )
    return AuthenticationResult?.RefreshToken ?? ''
  }

  it('takes the old refresh token for as long as the grace period says, from its first use on', async () => {
    const signedIn = await startRotating(10)
    await renew(signedIn, signedIn.refresh)

    signedIn.clock.now += 9_999
    await expect(renew(signedIn, signedIn.refresh)).resolves.not.toBe('')
    signedIn.clock.now += 1

    await expect(renew(signedIn, signedIn.refresh)).rejects.toMatchObject({ name: 'RefreshTokenReuseException' })
  })

  it('gives refresh tokens what was left of the life of the first', async () => {
    const signedIn = await startRotating()
    signedIn.clock.now += 3_599_999
    const second = await renew(signedIn, signedIn.refresh)

    signedIn.clock.now += 1

    await expect(renew(signedIn, second)).rejects.toMatchObject({ message: 'Refresh Token has expired' })
  })

  it('is over for every refresh token of a sign-in of which one is revoked', async () => {
    const signedIn = await startRotating()
    const second = await renew(signedIn, signedIn.refresh)

    await signedIn.cognito.send(new RevokeTokenCommand({ Token: signedIn.refresh, ClientId: signedIn.clientId }))

    await expect(renew(signedIn, second)).rejects.toMatchObject({ message: 'Refresh Token has been revoked' })
  })

  it('is the one way to renew: REFRESH_TOKEN_AUTH is closed', async () => {
    const { cognito, clientId, refresh } = await startRotating()
    const AuthParameters = { REFRESH_TOKEN: refresh }

    const call = cognito.send(
      new InitiateAuthCommand({ AuthFlow: 'REFRESH_TOKEN_AUTH', ClientId: clientId, AuthParameters }),
    )

    await expect(call).rejects.toMatchObject({ name: 'InvalidParameterException' })
  })
})

describe('RevokeToken', () => {
  it('can be repeated', async () => {
    const signedIn = await startSignedIn()
    await revoke(signedIn)

    await expect(revoke(signedIn)).resolves.toBeDefined()
  })

  it('ends one sign-in and no other', async () => {
    const signedIn = await startSignedIn()
    const { AccessToken } = await tokensOf(signedIn, 'ada')

    await revoke(signedIn)

    await expect(getUser({ ...signedIn, access: AccessToken })).resolves.toMatchObject({ Username: 'ada' })
  })

  it.each<[string, Partial<RevokeTokenCommandInput>]>([
    ['no secret', { ClientSecret: undefined }],
    ['a wrong secret', { ClientSecret: 'x'.repeat(52) }],
    ['a shorter secret', { ClientSecret: 'x'.repeat(24) }],
    ['an unknown client', { ClientId: 'absent' }],
  ])('is refused with %s, and revokes nothing', async (_what, input) => {
    const signedIn = await startSignedIn()

    await expect(revoke(signedIn, input)).rejects.toMatchObject({
      name: 'UnauthorizedException',
      message: 'Invalid client or secret.',
      $metadata: { httpStatusCode: 401 },
    })
    await expect(getUser(signedIn)).resolves.toMatchObject({ Username: 'ada' })
  })

  it('needs no secret at a client without one, and takes none', async () => {
    const signedIn = await startSignedIn({ client: { GenerateSecret: false } })

    await expect(revoke(signedIn, { ClientSecret: 'x'.repeat(52) })).rejects.toMatchObject({
      name: 'UnauthorizedException',
    })
    await expect(revoke(signedIn, { ClientSecret: undefined })).resolves.toBeDefined()
  })

  it('is refused for an access token', async () => {
    const signedIn = await startSignedIn()

    await expect(revoke(signedIn, { Token: signedIn.access })).rejects.toMatchObject({
      name: 'UnsupportedTokenTypeException',
    })
  })

  it('is refused for a token that was never issued', async () => {
    const signedIn = await startSignedIn()

    await expect(revoke(signedIn, { Token: 'abc' })).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'Invalid Refresh Token',
    })
  })

  it('is refused at another client than the one that signed in', async () => {
    const signedIn = await startSignedIn()
    const { UserPoolClient } = await signedIn.cognito.send(
      new CreateUserPoolClientCommand({ UserPoolId: signedIn.poolId, ClientName: 'other' }),
    )

    const call = revoke(signedIn, { ClientId: UserPoolClient?.ClientId, ClientSecret: undefined })

    await expect(call).rejects.toMatchObject({
      name: 'UnauthorizedException',
      message: 'The token was issued to another client.',
    })
  })

  it('is refused where the client does not revoke tokens', async () => {
    const signedIn = await startSignedIn({ client: { EnableTokenRevocation: false } })

    await expect(revoke(signedIn)).rejects.toMatchObject({ name: 'UnsupportedOperationException' })
  })
})
