import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
  AdminListGroupsForUserCommand,
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  InitiateAuthCommand,
  RevokeTokenCommand,
  UserNotFoundException,
} from '@aws-sdk/client-cognito-identity-provider'
import { DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { mockClient } from '#test/support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it } from 'vitest'
import { createMachineUsers } from '#services/credential-rotation/machine-users.ts'
import { createSecretStore } from '#services/credential-rotation/secret-store.ts'
import { createTrialSignIn } from '#services/credential-rotation/machine-users.ts'
import { passwordProblems } from '#shared/password-policy.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { recordingLogger } from '#test/support/logger.ts'

const cognito = mockClient(CognitoIdentityProviderClient)
const secretsManager = mockClient(SecretsManagerClient)

beforeEach(() => {
  cognito.reset()
  secretsManager.reset()
})

const options = { signal: new AbortController().signal }
const name = new SecretValue('latchkey-machine-x')
const users = createMachineUsers({
  cognito: new CognitoIdentityProviderClient(),
  userPoolId: 'us-east-1_abc',
  machineClientId: 'machine-id',
  groups: ['api-client', 'api-admin'],
})
const store = createSecretStore({ secretsManager: new SecretsManagerClient(), secretArn: 'secret-arn' })
const signIn = createTrialSignIn({ cognito: new CognitoIdentityProviderClient(), logger: recordingLogger() })
const credentials = {
  username: name,
  password: new SecretValue('password'),
  clientId: 'machine-id',
  clientSecret: new SecretValue('client-secret'),
}

describe('the secret store', () => {
  it('shows a secret as rotating only where Secrets Manager says so', async () => {
    secretsManager
      .on(DescribeSecretCommand)
      .resolvesOnce({})
      .resolves({ RotationEnabled: true, VersionIdsToStages: { v: ['AWSCURRENT'] } })

    expect(await store.describe(options)).toEqual({ rotationEnabled: false, stages: {} })
    expect(await store.describe(options)).toEqual({ rotationEnabled: true, stages: { v: ['AWSCURRENT'] } })
  })

  it('refuses a version that holds bytes in place of a text', async () => {
    secretsManager.on(GetSecretValueCommand).resolves({ SecretBinary: new Uint8Array([1]) })

    await expect(store.read({ stage: 'AWSCURRENT' }, options)).rejects.toMatchObject({ reason: 'secret_malformed' })
  })
})

describe('the machine users', () => {
  it('have no name in the log where Cognito gives no sub', async () => {
    cognito.on(AdminGetUserCommand).resolves({ Enabled: true, UserStatus: 'CONFIRMED' })

    expect(await users.find(name, options)).toEqual({ sub: 'unknown', enabled: true, confirmed: true })
  })

  it('are made without a message to anybody, with a temporary password that the policy allows', async () => {
    cognito.on(AdminCreateUserCommand).resolves({})

    await users.create(name, options)

    expect(cognito).toHaveReceivedCommandExactlyOnceWith(AdminCreateUserCommand, {
      UserPoolId: 'us-east-1_abc',
      Username: 'latchkey-machine-x',
      MessageAction: 'SUPPRESS',
    })
    const { TemporaryPassword = '' } = cognito.commandCalls(AdminCreateUserCommand)[0]?.args[0].input ?? {}
    expect(passwordProblems(TemporaryPassword)).toEqual([])
  })

  it.each([
    [undefined, false],
    [['api-client'], false],
    [['api-admin', 'service-user'], false],
    [['service-user', 'api-admin', 'api-client'], true],
  ])('are in their groups where Cognito lists all of them: %j', async (listed, expected) => {
    cognito.on(AdminListGroupsForUserCommand).resolves({ Groups: listed?.map((GroupName) => ({ GroupName })) })

    expect(await users.isInGroups(name, options)).toBe(expected)
  })

  it('are put into each of their groups', async () => {
    cognito.on(AdminAddUserToGroupCommand).resolves({})

    await users.addToGroups(name, options)

    const groups = cognito.commandCalls(AdminAddUserToGroupCommand).map(({ args: [{ input }] }) => input.GroupName)
    expect(groups).toEqual(['api-client', 'api-admin'])
  })

  it('that are gone count as disabled', async () => {
    cognito.on(AdminDisableUserCommand).rejects(new UserNotFoundException({ message: '', $metadata: {} }))

    await expect(users.disable(name, options)).resolves.toBeUndefined()
  })

  it.each([{}, { UserPoolClient: {} }])('cannot sign in through a client without a secret: %j', async (answer) => {
    cognito.on(DescribeUserPoolClientCommand).resolves(answer)

    await expect(users.readClientSecret(options)).rejects.toMatchObject({ reason: 'client_without_secret' })
  })
})

describe('the trial sign-in', () => {
  it('sends the hash that Cognito asks of a client with a secret', async () => {
    cognito.on(InitiateAuthCommand).resolves({ AuthenticationResult: { AccessToken: 'a' } })

    expect(await signIn(credentials, options)).toBe('signed_in')

    expect(cognito).toHaveReceivedCommandExactlyOnceWith(InitiateAuthCommand, {
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: 'machine-id',
      AuthParameters: {
        USERNAME: 'latchkey-machine-x',
        PASSWORD: 'password',
        // python3 -c 'import hmac,base64; print(base64.b64encode(hmac.digest(b"client-secret", b"latchkey-machine-xmachine-id", "sha256")).decode())'
        SECRET_HASH: 'knB0je+8ScG9BhqH7NBpbntWTwTA3TK8R6LFFocpRx4=',
      },
    })
    expect(cognito).not.toHaveReceivedCommand(RevokeTokenCommand)
  })

  it('revokes the session with the secret of the client', async () => {
    cognito.on(InitiateAuthCommand).resolves({ AuthenticationResult: { AccessToken: 'a', RefreshToken: 'r' } })

    await signIn(credentials, options)

    expect(cognito).toHaveReceivedCommandExactlyOnceWith(RevokeTokenCommand, {
      Token: 'r',
      ClientId: 'machine-id',
      ClientSecret: 'client-secret',
    })
  })

  it('is no success with a challenge, and none without a token', async () => {
    cognito.on(InitiateAuthCommand).resolvesOnce({ ChallengeName: 'NEW_PASSWORD_REQUIRED', Session: 's' }).resolves({})

    await expect(signIn(credentials, options)).rejects.toMatchObject({ reason: 'sign_in_challenged' })
    await expect(signIn(credentials, options)).rejects.toMatchObject({ reason: 'sign_in_without_token' })
  })

  it('is rejected, not failed, where Cognito tells that there is no such user', async () => {
    cognito.on(InitiateAuthCommand).rejects(new UserNotFoundException({ message: '', $metadata: {} }))

    expect(await signIn(credentials, options)).toBe('rejected')
  })
})
