import {
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  DeleteUserPoolCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  ListUserPoolsCommand,
  type CreateUserPoolCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { startTestAws, startTestPool } from '../test-aws.ts'

describe('CreateUserPool', () => {
  it('gives back what it was given, and the defaults of AWS for the rest', async () => {
    const { clock, cognito } = await startTestAws()

    const { UserPool } = await cognito.send(
      new CreateUserPoolCommand({ PoolName: 'my pool', AdminCreateUserConfig: { AllowAdminCreateUserOnly: true } }),
    )
    const described = await cognito.send(new DescribeUserPoolCommand({ UserPoolId: UserPool?.Id }))

    expect(described.UserPool).toEqual(UserPool)
    expect(UserPool).toMatchObject({
      Name: 'my pool',
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      CreationDate: new Date(clock.now),
      DeletionProtection: 'INACTIVE',
      EstimatedNumberOfUsers: 0,
      MfaConfiguration: 'OFF',
      UsernameConfiguration: { CaseSensitive: true },
      Policies: {
        PasswordPolicy: {
          MinimumLength: 8,
          RequireUppercase: true,
          RequireLowercase: true,
          RequireNumbers: true,
          RequireSymbols: true,
          TemporaryPasswordValidityDays: 7,
        },
      },
    })
  })

  it('with a password policy requires only what that says', async () => {
    const { cognito } = await startTestAws()

    const { UserPool } = await cognito.send(
      new CreateUserPoolCommand({
        PoolName: 'p',
        Policies: { PasswordPolicy: { MinimumLength: 12, RequireNumbers: true, TemporaryPasswordValidityDays: 0 } },
      }),
    )

    expect(UserPool?.Policies?.PasswordPolicy).toEqual({
      MinimumLength: 12,
      RequireUppercase: false,
      RequireLowercase: false,
      RequireNumbers: true,
      RequireSymbols: false,
      TemporaryPasswordValidityDays: 7,
    })
  })

  it('declares its own attributes under custom: and adjusts the standard ones', async () => {
    const { cognito } = await startTestAws()

    const { UserPool } = await cognito.send(
      new CreateUserPoolCommand({
        PoolName: 'p',
        Schema: [
          {
            Name: 'badge',
            AttributeDataType: 'String',
            Mutable: false,
            StringAttributeConstraints: { MaxLength: '9' },
          },
          { Name: 'level', AttributeDataType: 'Number', NumberAttributeConstraints: { MinValue: '1', MaxValue: '5' } },
          { Name: 'since', AttributeDataType: 'DateTime' },
          { Name: 'email', AttributeDataType: 'String', Required: true, Mutable: false },
        ],
      }),
    )

    const declared = new Map(UserPool?.SchemaAttributes?.map((attribute) => [attribute.Name, attribute]))
    expect(declared.get('custom:badge')).toMatchObject({
      AttributeDataType: 'String',
      Mutable: false,
      Required: false,
      StringAttributeConstraints: { MinLength: '0', MaxLength: '9' },
    })
    expect(declared.get('custom:level')).toMatchObject({
      Mutable: true,
      NumberAttributeConstraints: { MinValue: '1', MaxValue: '5' },
    })
    expect(declared.get('custom:since')).toMatchObject({ AttributeDataType: 'DateTime' })
    expect(declared.get('email')).toMatchObject({ Mutable: false, Required: true })
    expect(declared.get('sub')).toMatchObject({ Mutable: false, Required: true })
  })

  it.each<[string, Partial<CreateUserPoolCommandInput>]>([
    ['AliasAttributes', { AliasAttributes: ['email'] }],
    ['UsernameAttributes', { UsernameAttributes: ['email'] }],
    ['LambdaConfig', { LambdaConfig: { PreSignUp: 'arn:aws:lambda:us-east-1:123456789012:function:f' } }],
    ['MfaConfiguration ON', { MfaConfiguration: 'ON' }],
    ['Policies.SignInPolicy', { Policies: { SignInPolicy: { AllowedFirstAuthFactors: ['PASSWORD'] } } }],
    ['PasswordPolicy.PasswordHistorySize', { Policies: { PasswordPolicy: { PasswordHistorySize: 1 } } }],
    ['UserPoolAddOns.AdvancedSecurityMode', { UserPoolAddOns: { AdvancedSecurityMode: 'AUDIT' } }],
    ['IssuerConfiguration.Type', { IssuerConfiguration: { Type: 'UPDATED' } }],
    [
      'Schema.DeveloperOnlyAttribute',
      { Schema: [{ Name: 'd', AttributeDataType: 'String', DeveloperOnlyAttribute: true }] },
    ],
  ])('refuses %s, which it could not honour', async (feature, input) => {
    const { cognito } = await startTestAws()

    await expect(cognito.send(new CreateUserPoolCommand({ PoolName: 'p', ...input }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `${feature} is not implemented by local AWS.`,
    })
  })

  it('takes the harmless value of each feature that it does not have', async () => {
    const { cognito } = await startTestAws()

    const created = cognito.send(
      new CreateUserPoolCommand({
        PoolName: 'p',
        AliasAttributes: [],
        UsernameAttributes: [],
        LambdaConfig: {},
        MfaConfiguration: 'OPTIONAL',
        Policies: { PasswordPolicy: { PasswordHistorySize: 0, TemporaryPasswordValidityDays: 3 } },
        UserPoolAddOns: { AdvancedSecurityMode: 'OFF' },
        IssuerConfiguration: { Type: 'ORIGINAL' },
      }),
    )

    await expect(created).resolves.toMatchObject({
      UserPool: { MfaConfiguration: 'OPTIONAL', Policies: { PasswordPolicy: { TemporaryPasswordValidityDays: 3 } } },
    })
  })

  it.each<[Partial<CreateUserPoolCommandInput>, string]>([
    [
      { PoolName: '' },
      "2 validation errors detected: Value at 'poolName' failed to satisfy constraint: Member must have length greater " +
        "than or equal to 1; Value at 'poolName' failed to satisfy constraint: Member must satisfy regular expression " +
        'pattern: [\\w\\s+=,.@-]+',
    ],
    [
      { Policies: { PasswordPolicy: { MinimumLength: 5 } } },
      "1 validation error detected: Value at 'policies.PasswordPolicy.MinimumLength' failed to satisfy constraint: " +
        'Member must have value greater than or equal to 6',
    ],
    [
      { Policies: { PasswordPolicy: { MinimumLength: 100 } } },
      "1 validation error detected: Value at 'policies.PasswordPolicy.MinimumLength' failed to satisfy constraint: " +
        'Member must have value less than or equal to 99',
    ],
    [
      { MfaConfiguration: 'MAYBE' as 'ON' },
      "1 validation error detected: Value at 'mfaConfiguration' failed to satisfy constraint: Member must satisfy enum " +
        'value set: [OFF, ON, OPTIONAL]',
    ],
    [
      { Schema: [{ Name: 'x'.repeat(21), AttributeDataType: 'String' }] },
      "1 validation error detected: Value at 'schema.1.member.Name' failed to satisfy constraint: Member must have " +
        'length less than or equal to 20',
    ],
    [{ Schema: [{ AttributeDataType: 'String' }] }, 'Schema attributes must have a name.'],
    [{ Schema: [{ Name: 'x' }] }, 'Attribute x must have a data type.'],
    [
      { Schema: [{ Name: 'x', AttributeDataType: 'String', Required: true }] },
      'Required custom attributes are not supported currently.',
    ],
    [
      { Schema: [{ Name: 'x', AttributeDataType: 'String', StringAttributeConstraints: { MaxLength: 'nine' } }] },
      'Attribute constraints must be whole numbers.',
    ],
  ])('refuses %o', async (input, message) => {
    const { cognito } = await startTestAws()

    await expect(cognito.send(new CreateUserPoolCommand({ PoolName: 'p', ...input }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message,
    })
  })
})

describe('DeleteUserPool', () => {
  it('takes the pool and its clients, and leaves other pools', async () => {
    const { cognito, poolId, clientId } = await startTestPool()
    const other = await cognito.send(new CreateUserPoolCommand({ PoolName: 'other' }))
    const UserPoolId = other.UserPool?.Id ?? ''
    const kept = await cognito.send(new CreateUserPoolClientCommand({ UserPoolId, ClientName: 'kept' }))
    const ClientId = kept.UserPoolClient?.ClientId ?? ''

    await cognito.send(new DeleteUserPoolCommand({ UserPoolId: poolId }))

    const gone = { name: 'ResourceNotFoundException', message: `User pool ${poolId} does not exist.` }
    await expect(cognito.send(new DescribeUserPoolCommand({ UserPoolId: poolId }))).rejects.toMatchObject(gone)
    await expect(
      cognito.send(new DescribeUserPoolClientCommand({ UserPoolId: poolId, ClientId: clientId })),
    ).rejects.toMatchObject(gone)
    await expect(cognito.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId }))).resolves.toMatchObject({
      UserPoolClient: { ClientName: 'kept' },
    })
  })

  it('leaves a pool that is protected', async () => {
    const { cognito, poolId } = await startTestPool({ pool: { DeletionProtection: 'ACTIVE' } })

    await expect(cognito.send(new DeleteUserPoolCommand({ UserPoolId: poolId }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'The user pool cannot be deleted because deletion protection is activated.',
    })
    await expect(cognito.send(new DescribeUserPoolCommand({ UserPoolId: poolId }))).resolves.toMatchObject({
      UserPool: { DeletionProtection: 'ACTIVE' },
    })
  })
})

describe('ListUserPools', () => {
  it('gives pages in the order of creation', async () => {
    const { cognito } = await startTestAws()
    for (const PoolName of ['a', 'b', 'c']) await cognito.send(new CreateUserPoolCommand({ PoolName }))

    const first = await cognito.send(new ListUserPoolsCommand({ MaxResults: 2 }))
    const second = await cognito.send(new ListUserPoolsCommand({ MaxResults: 2, NextToken: first.NextToken }))

    expect(first.UserPools?.map(({ Name }) => Name)).toEqual(['a', 'b'])
    expect(second.UserPools?.map(({ Name }) => Name)).toEqual(['c'])
    expect(second.NextToken).toBeUndefined()
  })

  it.each([
    [0, 'greater than or equal to 1'],
    [61, 'less than or equal to 60'],
  ])('refuses MaxResults %i', async (MaxResults, constraint) => {
    const { cognito } = await startTestAws()

    await expect(cognito.send(new ListUserPoolsCommand({ MaxResults }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `1 validation error detected: Value at 'maxResults' failed to satisfy constraint: Member must have value ${constraint}`,
    })
  })
})
