import {
  CognitoIdentityProviderClient,
  InitiateAuthCommand,
  RevokeTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { mockClient } from '#test/support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it } from 'vitest'
import { createPasswordSignIn } from '#services/app1-provisioner/machine/password-sign-in.ts'
import type { SignInResult } from '#services/app1-provisioner/machine/sign-in.ts'
import { secretHash } from '#shared/machine/machine-token-requests.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { machinePassword } from '#test/support/machine-secrets.ts'

const cognito = mockClient(CognitoIdentityProviderClient)
const logger = recordingLogger()

const signIn = (): Promise<SignInResult> => {
  const client = new CognitoIdentityProviderClient({ region: 'eu-west-1' })
  return createPasswordSignIn({ cognito: client, logger })(machinePassword(), AbortSignal.timeout(1000))
}

const fails = (name: string): void => {
  cognito.on(InitiateAuthCommand).rejects(Object.assign(new Error('canary'), { name }))
}

beforeEach(() => {
  cognito.reset()
  cognito.on(InitiateAuthCommand).resolves({
    AuthenticationResult: { AccessToken: 'access-canary', RefreshToken: 'refresh-canary', ExpiresIn: 300 },
  })
  cognito.on(RevokeTokenCommand).resolves({})
  logger.lines.length = 0
})

describe('a sign-in with the machine password', () => {
  it('sends the password with its SECRET_HASH and revokes the session before the token is used', async () => {
    const result = await signIn()

    expect(cognito).toHaveReceivedNthCommandWith(InitiateAuthCommand, 1, {
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: 'machineclient',
      AuthParameters: {
        USERNAME: 'latchkey-machine-canary',
        PASSWORD: 'machine-password-canary',
        SECRET_HASH: secretHash(machinePassword()),
      },
    })
    expect(cognito).toHaveReceivedNthCommandWith(RevokeTokenCommand, 1, {
      ClientId: 'machineclient',
      ClientSecret: 'client-secret-canary',
      Token: 'refresh-canary',
    })
    expect(result).toMatchObject({ kind: 'signed_in', expiresInSeconds: 300 })
    expect(JSON.stringify([result, logger.lines])).not.toContain('canary')
  })

  it('without a refresh token has nothing to revoke', async () => {
    cognito.on(InitiateAuthCommand).resolves({ AuthenticationResult: { AccessToken: 'a', ExpiresIn: 300 } })

    expect(await signIn()).toMatchObject({ kind: 'signed_in' })
    expect(cognito).not.toHaveReceivedCommand(RevokeTokenCommand)
  })

  it('goes on when the session cannot be revoked, and says so in the log', async () => {
    cognito.on(RevokeTokenCommand).rejects(Object.assign(new Error('canary'), { name: 'TooManyRequestsException' }))

    expect(await signIn()).toMatchObject({ kind: 'signed_in' })
    expect(logger.lines).toEqual([
      { level: 'warn', message: 'machine session not revoked', error_name: 'TooManyRequestsException' },
    ])
  })

  it.each(['NEW_PASSWORD_REQUIRED', 'SOFTWARE_TOKEN_MFA', 'MFA_SETUP'] as const)(
    'that meets the challenge %s is misconfigured, not a crash',
    async (ChallengeName) => {
      cognito.on(InitiateAuthCommand).resolves({ ChallengeName, Session: 'session-canary' })

      expect(await signIn()).toEqual({ kind: 'misconfigured', reason: `challenge_${ChallengeName}` })
    },
  )

  it.each(['NotAuthorizedException', 'UserNotFoundException'])('refused with %s is rejected', async (name) => {
    fails(name)

    expect(await signIn()).toEqual({ kind: 'rejected' })
  })

  it.each([
    ['Password attempts exceeded', { kind: 'locked' }],
    ['User is disabled.', { kind: 'misconfigured', reason: 'user_disabled' }],
    ['Incorrect username or password.', { kind: 'rejected' }],
  ])('refused with the words %j is told apart', async (message, result) => {
    cognito.on(InitiateAuthCommand).rejects(Object.assign(new Error(message), { name: 'NotAuthorizedException' }))

    expect(await signIn()).toEqual(result)
  })

  it.each(['ResourceNotFoundException', 'InvalidParameterException', 'PasswordResetRequiredException'])(
    'refused with %s is misconfigured',
    async (reason) => {
      fails(reason)

      expect(await signIn()).toEqual({ kind: 'misconfigured', reason })
    },
  )

  it.each([
    ['TooManyRequestsException', 'throttled'],
    ['TimeoutError', 'upstream_timeout'],
    ['SomethingNew', 'upstream_error'],
  ])('that fails with %s throws %s', async (name, code) => {
    fails(name)

    await expect(signIn()).rejects.toMatchObject({ code, reason: name })
  })

  it.each([{}, { AuthenticationResult: { ExpiresIn: 300 } }, { AuthenticationResult: { AccessToken: 'a' } }])(
    'answered without token or life (%j) is not believed',
    async (answer) => {
      cognito.on(InitiateAuthCommand).resolves(answer)

      await expect(signIn()).rejects.toMatchObject({ code: 'upstream_error', reason: 'sign_in_without_token' })
    },
  )
})
