import { CognitoIdentityProviderClient, GetClientTokenCommand } from '@aws-sdk/client-cognito-identity-provider'
import { mockClient } from '#test/support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it } from 'vitest'
import { createClientTokenSignIn } from '#services/app1-provisioner/machine/client-token-sign-in.ts'
import type { SignInResult } from '#services/app1-provisioner/machine/sign-in.ts'
import { machineClient, unsignedToken } from '#test/support/machine-secrets.ts'

const cognito = mockClient(CognitoIdentityProviderClient)

const signIn = (): Promise<SignInResult> =>
  createClientTokenSignIn({
    cognito: new CognitoIdentityProviderClient({ region: 'eu-west-1' }),
    scope: 'app2/users.create',
  })(machineClient(), AbortSignal.timeout(1_000))

const fails = (name: string, extra: object = {}): void => {
  cognito.on(GetClientTokenCommand).rejects(Object.assign(new Error('canary'), { name, ...extra }))
}

const issues = (AccessToken: string): void => {
  cognito.on(GetClientTokenCommand).resolves({ ClientAuthenticationResult: { AccessToken, ExpiresIn: 300 } })
}

beforeEach(() => {
  cognito.reset()
  issues(unsignedToken({ scope: 'app2/users.create' }))
})

describe('a token by GetClientToken', () => {
  it('is asked for once, with the client secret and the one scope', async () => {
    const result = await signIn()

    expect(cognito).toHaveReceivedCommandExactlyOnceWith(GetClientTokenCommand, {
      ClientId: 'scopeclient',
      Secret: 'scope-client-secret-canary',
      Scopes: ['app2/users.create'],
    })
    expect(result).toMatchObject({ kind: 'signed_in', expiresInSeconds: 300 })
    expect(result.kind === 'signed_in' && result.accessToken.expose()).toBe(
      unsignedToken({ scope: 'app2/users.create' }),
    )
    expect(JSON.stringify(result)).not.toContain(unsignedToken({ scope: 'app2/users.create' }))
  })

  it.each([
    { scope: 'app2/users.create app2/sample.call' },
    { scope: 'app2/sample.call' },
    { scope: 'app2/users' },
    { scope: 'APP2/USERS.CREATE' },
    { scope: ' app2/users.create' },
    { scope: '' },
    { scope: ['app2/users.create'] },
    {},
  ])('that says %j of itself is not used', async (payload) => {
    issues(unsignedToken(payload))

    expect(await signIn()).toEqual({ kind: 'misconfigured', reason: 'unexpected_scope' })
  })

  it.each(['', 'opaque', 'a.b.c', 'a.!.c', `a.${Buffer.from('null').toString('base64url')}.c`])(
    'that cannot be read (%j) is not used',
    async (token) => {
      issues(token)

      expect(await signIn()).toEqual({ kind: 'misconfigured', reason: 'unexpected_scope' })
    },
  )

  it('refused with NotAuthorizedException is rejected, in whatever words', async () => {
    fails('NotAuthorizedException')

    expect(await signIn()).toEqual({ kind: 'rejected' })
  })

  it.each([
    ...['ForbiddenException', 'InvalidParameterException', 'OperationNotEnabledException'],
    ...['ResourceNotFoundException', 'ScopeDoesNotExistException'],
  ])('refused with %s is misconfigured', async (reason) => {
    fails(reason)

    expect(await signIn()).toEqual({ kind: 'misconfigured', reason })
  })

  it.each([
    ['TooManyRequestsException', {}, 'throttled'],
    ['InternalErrorException', { $fault: 'server' }, 'upstream_unavailable'],
    ['TimeoutError', {}, 'upstream_timeout'],
    ['SomethingNew', {}, 'upstream_error'],
  ])('that fails with %s %j throws %s', async (name, extra, code) => {
    fails(name, extra)

    await expect(signIn()).rejects.toMatchObject({ code, reason: name })
  })

  it.each([
    {},
    { ClientAuthenticationResult: { ExpiresIn: 300 } },
    { ClientAuthenticationResult: { AccessToken: unsignedToken({ scope: 'app2/users.create' }) } },
  ])('answered without token or life (%j) is not believed', async (answer) => {
    cognito.on(GetClientTokenCommand).resolves(answer)

    await expect(signIn()).rejects.toMatchObject({ code: 'upstream_error', reason: 'sign_in_without_token' })
  })
})
