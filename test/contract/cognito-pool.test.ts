import {
  CreateGroupCommand,
  CreateUserPoolCommand,
  DeleteUserPoolCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  type SchemaAttributeType,
  type UserPoolClientType,
  type UserPoolType,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect } from 'vitest'
import { uniqueName, usePool } from './support/pool.ts'
import { refusal, refused, statement } from './support/statement.ts'
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

/** What AWS says of a pool with that schema, which is deleted again. */
async function declare(schema: SchemaAttributeType[]): Promise<string> {
  return refusal(
    (async () => {
      const { UserPool: made } = await pool().cognito.send(
        new CreateUserPoolCommand({ PoolName: uniqueName('schema'), Schema: schema }),
      )
      await pool().cognito.send(new DeleteUserPoolCommand({ UserPoolId: made?.Id }))
    })(),
  )
}

function attributesNamed(...names: string[]): SchemaAttributeType[] {
  return names.map((Name) => ({ Name, AttributeDataType: 'String' }))
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

  // The service model's SchemaAttributesListType, and "Custom attributes per user pool" on the page of quotas.
  statement('CreateUserPool takes 50 attributes', async () => {
    expect(await declare(attributesNamed(...Array.from({ length: 50 }, (_, index) => `a${index}`)))).toBe('none')
  })

  statement('CreateUserPool with 51 attributes is InvalidParameterException', async () => {
    const many = attributesNamed(...Array.from({ length: 51 }, (_, index) => `a${index}`))

    expect(await declare(many)).toBe('InvalidParameterException')
  })

  statement('CreateUserPool with one attribute twice is InvalidParameterException', async () => {
    expect(await declare(attributesNamed('badge', 'level', 'badge'))).toBe('InvalidParameterException')
  })

  refused('CreateGroup of a name that exists is GroupExistsException', () =>
    pool().cognito.send(new CreateGroupCommand({ UserPoolId: pool().userPoolId, GroupName: 'api-client' })),
  )
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

  refused('DescribeUserPoolClient of a client that does not exist is ResourceNotFoundException', () =>
    describeClient('0'.repeat(26)),
  )

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
