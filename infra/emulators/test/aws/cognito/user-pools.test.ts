import {
  CreateUserPoolCommand,
  DeleteUserPoolCommand,
  DescribeUserPoolClientCommand,
  DescribeUserPoolCommand,
  ListUserPoolsCommand,
  type CreateUserPoolCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import { refusal, startTestAws, startTestPool } from '../test-aws.ts'

type PoolInput = Partial<CreateUserPoolCommandInput>

async function create(input: PoolInput = {}) {
  const { cognito } = await startTestAws()
  return cognito.send(new CreateUserPoolCommand({ PoolName: 'p', ...input }))
}

describe('CreateUserPool', () => {
  it('gives the defaults of AWS for what it was not given', async () => {
    expect((await create()).UserPool).toMatchObject({
      Name: 'p',
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: false },
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
    const PasswordPolicy = { MinimumLength: 12, RequireNumbers: true, TemporaryPasswordValidityDays: 0 }

    const { UserPool } = await create({ Policies: { PasswordPolicy } })

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
    const { UserPool } = await create({
      Schema: [
        { Name: 'level', AttributeDataType: 'Number', NumberAttributeConstraints: { MinValue: '1', MaxValue: '5' } },
        { Name: 'since', AttributeDataType: 'DateTime' },
        { Name: 'email', AttributeDataType: 'String', Required: true, Mutable: false },
      ],
    })

    const declared = new Map(UserPool?.SchemaAttributes?.map((attribute) => [attribute.Name, attribute]))
    expect(declared.get('custom:level')).toMatchObject({
      Mutable: true,
      NumberAttributeConstraints: { MinValue: '1', MaxValue: '5' },
    })
    expect(declared.get('custom:since')).toMatchObject({ AttributeDataType: 'DateTime' })
    for (const name of ['email', 'sub']) expect(declared.get(name)).toMatchObject({ Mutable: false, Required: true })
  })

  it.each<[string, PoolInput]>([
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
    const expected = `InvalidParameterException: ${feature} is not implemented by local AWS.`

    expect(await refusal(create(input))).toBe(expected)
  })

  it('takes the harmless value of each feature that it does not have', async () => {
    const created = create({
      AliasAttributes: [],
      UsernameAttributes: [],
      LambdaConfig: {},
      MfaConfiguration: 'OPTIONAL',
      Policies: { PasswordPolicy: { PasswordHistorySize: 0, TemporaryPasswordValidityDays: 3 } },
      UserPoolAddOns: { AdvancedSecurityMode: 'OFF' },
      IssuerConfiguration: { Type: 'ORIGINAL' },
    })

    await expect(created).resolves.toMatchObject({
      UserPool: { MfaConfiguration: 'OPTIONAL', Policies: { PasswordPolicy: { TemporaryPasswordValidityDays: 3 } } },
    })
  })

  const violated = 'failed to satisfy constraint: Member must'

  it.each<[PoolInput, string]>([
    [
      { PoolName: '' },
      `2 validation errors detected: Value at 'poolName' ${violated} have length greater than or equal to 1; Value at ` +
        `'poolName' ${violated} satisfy regular expression pattern: [\\w\\s+=,.@-]+`,
    ],
    [
      { Policies: { PasswordPolicy: { MinimumLength: 5 } } },
      `1 validation error detected: Value at 'policies.PasswordPolicy.MinimumLength' ${violated} have value greater than or equal to 6`,
    ],
    [
      { Policies: { PasswordPolicy: { MinimumLength: 100 } } },
      `1 validation error detected: Value at 'policies.PasswordPolicy.MinimumLength' ${violated} have value less than or equal to 99`,
    ],
    [
      { MfaConfiguration: 'MAYBE' as 'ON' },
      `1 validation error detected: Value at 'mfaConfiguration' ${violated} satisfy enum value set: [OFF, ON, OPTIONAL]`,
    ],
    [
      { Schema: [{ Name: 'x'.repeat(21), AttributeDataType: 'String' }] },
      `1 validation error detected: Value at 'schema.1.member.Name' ${violated} have length less than or equal to 20`,
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
    expect(await refusal(create(input))).toBe(`InvalidParameterException: ${message}`)
  })
})

describe('DeleteUserPool', () => {
  it('takes the pool and its clients, and leaves other pools', async () => {
    const { cognito, poolId: UserPoolId, clientId: ClientId } = await startTestPool()
    await cognito.send(new CreateUserPoolCommand({ PoolName: 'kept' }))

    await cognito.send(new DeleteUserPoolCommand({ UserPoolId }))

    const gone = `ResourceNotFoundException: User pool ${UserPoolId} does not exist.`
    expect(await refusal(cognito.send(new DescribeUserPoolCommand({ UserPoolId })))).toBe(gone)
    expect(await refusal(cognito.send(new DescribeUserPoolClientCommand({ UserPoolId, ClientId })))).toBe(gone)
    const { UserPools } = await cognito.send(new ListUserPoolsCommand({ MaxResults: 60 }))
    expect(UserPools?.map(({ Name }) => Name)).toEqual(['kept'])
  })

  it('leaves a pool that is protected', async () => {
    const { cognito, poolId: UserPoolId } = await startTestPool({ pool: { DeletionProtection: 'ACTIVE' } })

    expect(await refusal(cognito.send(new DeleteUserPoolCommand({ UserPoolId })))).toMatch(/deletion protection is/)
    expect(await refusal(cognito.send(new DescribeUserPoolCommand({ UserPoolId })))).toBe('none')
  })
})
