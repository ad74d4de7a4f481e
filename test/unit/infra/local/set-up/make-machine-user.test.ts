import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  DescribeUserPoolClientCommand,
  TooManyRequestsException,
} from '@aws-sdk/client-cognito-identity-provider'
import {
  GetSecretValueCommand,
  InternalServiceError,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { mockClient } from 'aws-sdk-client-mock'
import 'aws-sdk-client-mock-vitest/extend'
import { inspect } from 'node:util'
import { beforeEach, describe, expect, it } from 'vitest'
import { makeMachineUser } from '../../../../../infra/local/set-up/make-machine-user.ts'
import { passwordProblems } from '../../../../../shared/password-policy.ts'

const cognito = mockClient(CognitoIdentityProviderClient)
const secrets = mockClient(SecretsManagerClient)

const idempotencySecret = 'i'.repeat(64)

const provisioned = {
  region: 'us-east-1',
  userPoolId: 'us-east-1_abc',
  machineClientId: 'machine-id',
  serviceClientId: 'service-id',
  machineSecretArn: 'secret-arn',
  passwordKeyArn: 'key-arn',
}

beforeEach(() => {
  cognito.reset()
  secrets.reset()
  cognito.on(DescribeUserPoolClientCommand).resolves({ UserPoolClient: { ClientSecret: 'client-secret' } })
  secrets
    .on(GetSecretValueCommand)
    .resolves({ SecretString: JSON.stringify({ idempotency_secret: idempotencySecret }) })
})

function make(onStep?: (text: string) => void): Promise<void> {
  return makeMachineUser({
    cognito: new CognitoIdentityProviderClient(),
    secrets: new SecretsManagerClient(),
    provisioned,
    ...(onStep && { onStep }),
  })
}

function writtenSecret(): Record<string, string> {
  const [call] = secrets.commandCalls(PutSecretValueCommand)
  return JSON.parse(call?.args[0].input.SecretString ?? '') as Record<string, string>
}

describe('makeMachineUser', () => {
  it('writes name, password, client and the key of the provisioning ids that was there', async () => {
    await make()

    expect(writtenSecret()).toEqual({
      username: expect.stringMatching(/^latchkey-machine-[a-z0-9]{26}$/) as string,
      password: expect.any(String) as string,
      client_id: 'machine-id',
      client_secret: 'client-secret',
      idempotency_secret: idempotencySecret,
    })
    expect(secrets).toHaveReceivedCommandExactlyOnceWith(PutSecretValueCommand, { SecretId: 'secret-arn' })
  })

  it('makes the user silently, puts it into its group, and sets the password last', async () => {
    await make()

    const { username = '', password = '' } = writtenSecret()
    const whose = { UserPoolId: 'us-east-1_abc', Username: username }
    expect(cognito.calls().map(({ args }) => args[0].constructor.name)).toEqual([
      'DescribeUserPoolClientCommand',
      'AdminCreateUserCommand',
      'AdminAddUserToGroupCommand',
      'AdminSetUserPasswordCommand',
    ])
    expect(cognito).toHaveReceivedCommandWith(AdminCreateUserCommand, { ...whose, MessageAction: 'SUPPRESS' })
    expect(cognito).toHaveReceivedCommandWith(AdminAddUserToGroupCommand, { ...whose, GroupName: 'api-client' })
    expect(cognito).toHaveReceivedCommandWith(AdminSetUserPasswordCommand, {
      ...whose,
      Password: password,
      Permanent: true,
    })
  })

  it('draws two passwords that the policy allows, and keeps only the permanent one', async () => {
    await make()

    const { password = '' } = writtenSecret()
    const temporary = cognito.commandCalls(AdminCreateUserCommand)[0]?.args[0].input.TemporaryPassword ?? ''
    expect([passwordProblems(password), passwordProblems(temporary)]).toEqual([[], []])
    expect(temporary).not.toBe(password)
  })

  it('tells its steps without a secret in them', async () => {
    const steps: string[] = []

    await make((text) => steps.push(text))

    expect(steps).toEqual(['made the machine user', 'put its credentials into MachineSecret'])
  })

  it.each([
    {
      what: 'the client has no secret',
      arrange: () => cognito.on(DescribeUserPoolClientCommand).resolves({ UserPoolClient: {} }),
      message: 'MachineClient: has no client secret',
    },
    {
      what: 'there is no client',
      arrange: () => cognito.on(DescribeUserPoolClientCommand).resolves({}),
      message: 'MachineClient: has no client secret',
    },
    {
      what: 'the secret has no text',
      arrange: () => secrets.on(GetSecretValueCommand).resolves({}),
      message: 'reading the machine secret: SyntaxError',
    },
    {
      what: 'the key of the provisioning ids is too short',
      arrange: () =>
        secrets.on(GetSecretValueCommand).resolves({ SecretString: `{"idempotency_secret":"${'i'.repeat(31)}"}` }),
      message: 'MachineSecret: has no idempotency_secret of 32 characters or more',
    },
  ])('makes nothing when $what', async ({ arrange, message }) => {
    arrange()

    await expect(make()).rejects.toMatchObject({ name: 'SetUpError', message })
    expect(cognito).not.toHaveReceivedCommand(AdminCreateUserCommand)
  })

  it('names the step that failed, and nothing of what the SDK said', async () => {
    cognito.on(AdminAddUserToGroupCommand).rejects(new TooManyRequestsException({ message: 'canary', $metadata: {} }))

    const failure: unknown = await make().catch((error: unknown) => error)

    expect(failure).toMatchObject({ message: 'making the machine user: TooManyRequestsException' })
    expect(inspect(failure)).not.toContain('canary')
    expect(cognito).not.toHaveReceivedCommand(AdminSetUserPasswordCommand)
    expect(secrets).not.toHaveReceivedCommand(PutSecretValueCommand)
  })

  it('names the last step when the secret cannot be written', async () => {
    secrets.on(PutSecretValueCommand).rejects(new InternalServiceError({ message: 'canary', $metadata: {} }))

    await expect(make()).rejects.toMatchObject({ message: 'writing the machine secret: InternalServiceError' })
  })
})
