import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
  GetTokensFromRefreshTokenCommand,
  GetUserCommand,
  InitiateAuthCommand,
  RevokeTokenCommand,
  type RevokeTokenCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { addClient, addUser, refusal, startTestPool, tokensOf, type TestPool } from '../test-aws.ts'

type SignedIn = TestPool & { readonly sub: string; readonly access: string; readonly refresh: string }

async function startSignedIn(options: Parameters<typeof startTestPool>[0] = {}): Promise<SignedIn> {
  const pool = await startTestPool(options)
  const sub = await addUser(pool, 'ada')
  const { AccessToken, RefreshToken } = await tokensOf(pool, 'ada')
  return { ...pool, sub, access: AccessToken, refresh: RefreshToken }
}

function revoke(pool: SignedIn, input: Partial<RevokeTokenCommandInput> = {}): Promise<string> {
  const { refresh, clientId, clientSecret } = pool
  return refusal(
    pool.cognito.send(
      new RevokeTokenCommand({ Token: refresh, ClientId: clientId, ClientSecret: clientSecret, ...input }),
    ),
  )
}

function getUser({ cognito }: SignedIn, AccessToken: string): Promise<string> {
  return refusal(cognito.send(new GetUserCommand({ AccessToken })))
}

describe('GetUser', () => {
  it('is refused from the second on in which the token expires', async () => {
    const signedIn = await startSignedIn()

    signedIn.clock.now += 3_599_999
    const inTime = await getUser(signedIn, signedIn.access)
    signedIn.clock.now += 1

    const late = await getUser(signedIn, signedIn.access)
    expect([inTime, late]).toEqual(['none', 'NotAuthorizedException: Access Token has expired'])
  })

  it('stays refused to a user who was disabled and enabled, and answers a new sign-in', async () => {
    const signedIn = await startSignedIn()
    const user = { UserPoolId: signedIn.poolId, Username: 'ada' }
    await addUser(signedIn, 'bob')
    const { AccessToken: ofBob } = await tokensOf(signedIn, 'bob')

    await signedIn.cognito.send(new AdminDisableUserCommand(user))
    const disabled = await getUser(signedIn, signedIn.access)
    await signedIn.cognito.send(new AdminEnableUserCommand(user))

    const revoked = 'NotAuthorizedException: Access Token has been revoked'
    expect([disabled, await getUser(signedIn, signedIn.access)]).toEqual([revoked, revoked])
    expect(await getUser(signedIn, (await tokensOf(signedIn, 'ada')).AccessToken)).toBe('none')
    expect(await getUser(signedIn, ofBob)).toBe('none')
  })

  it('is refused with any other token', async () => {
    const signedIn = await startSignedIn()
    const { IdToken } = await tokensOf(signedIn, 'ada')

    for (const token of [IdToken, signedIn.refresh, `${signedIn.access}=`]) {
      expect(await getUser(signedIn, token)).toBe('NotAuthorizedException: Invalid Access Token')
    }
  })

  it('does not show whoever takes the sub of a deleted user as a name', async () => {
    const signedIn = await startSignedIn()
    await signedIn.cognito.send(new AdminDeleteUserCommand({ UserPoolId: signedIn.poolId, Username: 'ada' }))

    await addUser(signedIn, signedIn.sub)

    expect(await getUser(signedIn, signedIn.access)).toMatch(/^UserNotFoundException/)
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

  async function renew({ cognito, clientId: ClientId }: SignedIn, RefreshToken: string): Promise<string> {
    const { AuthenticationResult } = await cognito.send(
      new GetTokensFromRefreshTokenCommand({ RefreshToken, ClientId }),
    )
    return AuthenticationResult?.RefreshToken ?? ''
  }

  it('takes the old refresh token for as long as the grace period says, from its first use on', async () => {
    const signedIn = await startRotating(10)
    await renew(signedIn, signedIn.refresh)

    signedIn.clock.now += 9_999
    const inTime = await refusal(renew(signedIn, signedIn.refresh))
    signedIn.clock.now += 1

    expect(inTime).toBe('none')
    expect(await refusal(renew(signedIn, signedIn.refresh))).toMatch(/^RefreshTokenReuseException/)
  })

  it('is refused to a disabled user, and rotates nothing', async () => {
    const signedIn = await startRotating()
    const user = { UserPoolId: signedIn.poolId, Username: 'ada' }
    await signedIn.cognito.send(new AdminDisableUserCommand(user))

    const refused = await refusal(renew(signedIn, signedIn.refresh))
    await signedIn.cognito.send(new AdminEnableUserCommand(user))

    expect(refused).toBe('NotAuthorizedException: User is disabled.')
    expect(await refusal(renew(signedIn, signedIn.refresh))).toBe('none')
  })

  it('gives refresh tokens what was left of the life of the first', async () => {
    const signedIn = await startRotating()
    signedIn.clock.now += 3_599_999
    const second = await renew(signedIn, signedIn.refresh)

    signedIn.clock.now += 1

    expect(await refusal(renew(signedIn, second))).toMatch(/Refresh Token has expired$/)
  })

  it('is over for every refresh token of a sign-in of which one is revoked', async () => {
    const signedIn = await startRotating()
    const second = await renew(signedIn, signedIn.refresh)

    await revoke(signedIn, { ClientSecret: undefined })

    expect(await refusal(renew(signedIn, second))).toMatch(/Refresh Token has been revoked$/)
  })

  it('is the one way to renew: REFRESH_TOKEN_AUTH is closed', async () => {
    const { cognito, clientId: ClientId, refresh } = await startRotating()
    const AuthParameters = { REFRESH_TOKEN: refresh }

    const call = cognito.send(new InitiateAuthCommand({ AuthFlow: 'REFRESH_TOKEN_AUTH', ClientId, AuthParameters }))

    expect(await refusal(call)).toMatch(/^InvalidParameterException/)
  })
})

describe('RevokeToken', () => {
  it('can be repeated', async () => {
    const signedIn = await startSignedIn()

    expect([await revoke(signedIn), await revoke(signedIn)]).toEqual(['none', 'none'])
  })

  it.each<[string, Partial<RevokeTokenCommandInput>, string]>([
    ['no secret', { ClientSecret: undefined }, 'UnauthorizedException: Invalid client or secret.'],
    ['a shorter secret', { ClientSecret: 'x'.repeat(24) }, 'UnauthorizedException: Invalid client or secret.'],
    ['an unknown client', { ClientId: 'absent' }, 'UnauthorizedException: Invalid client or secret.'],
    ['a token that was never issued', { Token: 'abc' }, 'InvalidParameterException: Invalid Refresh Token'],
  ])('is refused with %s, and revokes nothing', async (_what, input, error) => {
    const signedIn = await startSignedIn()

    expect(await revoke(signedIn, input)).toBe(error)
    expect(await getUser(signedIn, signedIn.access)).toBe('none')
  })

  it('is a 401 where the client is not the one', async () => {
    const { cognito, refresh, clientId } = await startSignedIn()

    const call = cognito.send(new RevokeTokenCommand({ Token: refresh, ClientId: clientId }))

    await expect(call).rejects.toMatchObject({ $metadata: { httpStatusCode: 401 } })
  })

  it('needs no secret at a client without one, and takes none', async () => {
    const signedIn = await startSignedIn({ client: { GenerateSecret: false } })

    expect(await revoke(signedIn, { ClientSecret: 'x'.repeat(52) })).toMatch(/^UnauthorizedException/)
    expect(await revoke(signedIn, { ClientSecret: undefined })).toBe('none')
  })

  it('is refused at another client than the one that signed in', async () => {
    const signedIn = await startSignedIn()
    const { id: ClientId, secret: ClientSecret } = await addClient(signedIn, { GenerateSecret: true })

    const refused = await revoke(signedIn, { ClientId, ClientSecret })

    expect(refused).toBe('UnauthorizedException: The token was issued to another client.')
  })

  it('is refused where the client does not revoke tokens', async () => {
    const signedIn = await startSignedIn({ client: { EnableTokenRevocation: false } })

    expect(await revoke(signedIn)).toMatch(/^UnsupportedOperationException/)
  })
})
