import {
  CreateGroupCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  type UserPoolClientType,
  type UserPoolType,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect } from 'vitest'
import { usePool } from './support/pool.ts'
import { refusal, statement } from './support/statement.ts'
import { createConfirmedUser, initiateAuth } from './support/users.ts'

const pool = usePool()

async function describePool(): Promise<UserPoolType | undefined> {
  const answer = await pool().cognito.send(new DescribeUserPoolCommand({ UserPoolId: pool().userPoolId }))
  return answer.UserPool
}

async function describeClient(clientId: string): Promise<UserPoolClientType | undefined> {
  const answer = await pool().cognito.send(
    new DescribeUserPoolClientCommand({ UserPoolId: pool().userPoolId, ClientId: clientId }),
  )
  return answer.UserPoolClient
}

describe('the pool', () => {
  statement('CreateUserPool keeps the password policy', async () => {
    expect((await describePool())?.Policies?.PasswordPolicy).toMatchObject({
      MinimumLength: 12,
      RequireUppercase: true,
      RequireLowercase: true,
      RequireNumbers: true,
      RequireSymbols: true,
      TemporaryPasswordValidityDays: 1,
    })
  })

  statement('CreateUserPool keeps what closes sign-up, recovery, MFA and the case of names', async () => {
    expect(await describePool()).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'admin_only', Priority: 1 }] },
      MfaConfiguration: 'OFF',
      UsernameConfiguration: { CaseSensitive: false },
    })
  })

  statement('CreateUserPool declares custom attributes with the prefix custom: and keeps them immutable', async () => {
    const attributes = (await describePool())?.SchemaAttributes

    expect(attributes).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          Name: 'custom:human_user_id',
          AttributeDataType: 'String',
          Mutable: false,
          Required: false,
          StringAttributeConstraints: { MinLength: '1', MaxLength: '256' },
        }),
        expect.objectContaining({ Name: 'custom:provisioning_id', Mutable: false }),
      ]),
    )
  })

  statement('CreateGroup of a name that exists is GroupExistsException', async () => {
    const name = await refusal(
      pool().cognito.send(new CreateGroupCommand({ UserPoolId: pool().userPoolId, GroupName: 'api-client' })),
    )

    expect(name).toBe('GroupExistsException')
  })
})

describe('the app clients', () => {
  statement('DescribeUserPoolClient gives the secret that SECRET_HASH is made with', async () => {
    const { username, password } = await createConfirmedUser(pool())
    const { ClientSecret: secret } = (await describeClient(pool().clients.machine.id)) ?? {}

    const name = await refusal(
      initiateAuth(pool(), { client: { id: pool().clients.machine.id, secret: secret ?? '' }, username, password }),
    )

    expect(secret).toBeTypeOf('string')
    expect(name).toBe('none')
  })

  statement('DescribeUserPoolClient of a client that does not exist is ResourceNotFoundException', async () => {
    expect(await refusal(describeClient('0'.repeat(26)))).toBe('ResourceNotFoundException')
  })

  for (const client of ['machine', 'service'] as const) {
    statement(`CreateUserPoolClient keeps the settings of the ${client} client`, async () => {
      expect(await describeClient(pool().clients[client].id)).toMatchObject({
        ClientName: client,
        ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
        PreventUserExistenceErrors: 'ENABLED',
        EnableTokenRevocation: true,
        AccessTokenValidity: 15,
        TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'minutes' },
        ReadAttributes: ['nickname'],
        WriteAttributes: ['nickname'],
      })
    })
  }
})
