import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { templateFiles } from '#infra/local/set-up/apply-templates.ts'
import { jobTemplates } from '#infra/deploy/modes.ts'
import { readTemplate, type TemplateResource, type TemplateResources } from '#infra/local/set-up/read-template.ts'
import { knownGroups } from '#shared/access-rules.ts'
import { boundTags, stsAudience, stsTokenLifeSeconds } from '#shared/machine/sts-token.ts'
import { encryptionContext, type SealingPurpose } from '#shared/password-cipher/cipher.ts'
import { passwordPolicy } from '#shared/password-policy.ts'

const folder = new URL('../../../infra/templates/', import.meta.url)

let resources: TemplateResources
let logicalIds: string[]
let texts: string[]
let iam: string

beforeAll(async () => {
  const files = [
    ...templateFiles({ accepted: ['password', 'client-credentials'], app2Authorizer: 'lambda' }),
    ...jobTemplates({ jobs: true }),
    { file: 'modes/client-credentials.yml', section: 'behindCognito' },
  ]
  const templates = await Promise.all(files.map(({ file, section }) => readTemplate(new URL(file, folder), section)))
  logicalIds = templates.flatMap((template) => [...template.keys()])
  resources = new Map(templates.flatMap((template) => [...template]))
  texts = await Promise.all(files.map(({ file }) => readFile(new URL(file, folder), 'utf8')))
  const withRoles = ['iam.yml', 'rotation.yml', 'authorizer.yml', 'jobs/roles.yml']
  iam = (await Promise.all(withRoles.map((file) => readFile(new URL(file, folder), 'utf8')))).join('\n')
})

function ofType(type: string): TemplateResource[] {
  return [...resources.values()].filter((resource) => resource.type === type)
}

function propertiesOf(logicalId: string): Readonly<Record<string, unknown>> {
  return resources.get(logicalId)?.properties ?? {}
}

describe('the templates', () => {
  it('use each logical id once, across all files', () => {
    expect(logicalIds.toSorted()).toEqual([...resources.keys()].toSorted())
  })

  it('refer only to resources that they describe, to roles of iam.yml, and to pseudo-parameters', () => {
    const names = texts.flatMap((text) =>
      [...text.matchAll(/!(?:Ref|GetAtt) ([\w:]+)|\$\{([\w:]+)/g)].map((match) => match[1] ?? match[2] ?? ''),
    )

    const unknown = names.filter(
      (name) =>
        !resources.has(name) && !name.startsWith('AWS::') && !iam.includes(`\n  ${name}:\n    Type: AWS::IAM::Role`),
    )
    expect(names.length).toBeGreaterThan(5)
    expect(unknown).toEqual([])
  })

  it('put no secret into an output', () => {
    expect(texts.join('\n')).not.toMatch(/!GetAtt \w+\.ClientSecret|resolve:secretsmanager/)
  })
})

describe('cognito.yml', () => {
  it('states the password policy that the services check', () => {
    expect(propertiesOf('UserPool')['Policies']).toEqual({
      PasswordPolicy: {
        MinimumLength: passwordPolicy.minimumLength,
        RequireUppercase: true,
        RequireLowercase: true,
        RequireNumbers: true,
        RequireSymbols: true,
        TemporaryPasswordValidityDays: 1,
      },
    })
  })

  it('closes sign-up, recovery, MFA and the case of names', () => {
    expect(propertiesOf('UserPool')).toMatchObject({
      AdminCreateUserConfig: { AllowAdminCreateUserOnly: true },
      AccountRecoverySetting: { RecoveryMechanisms: [{ Name: 'admin_only', Priority: 1 }] },
      MfaConfiguration: 'OFF',
      UsernameConfiguration: { CaseSensitive: false },
    })
    expect(propertiesOf('UserPool')).not.toHaveProperty('SmsConfiguration')
    expect(propertiesOf('UserPool')).not.toHaveProperty('AliasAttributes')
  })

  it('makes every custom attribute immutable, and long enough for what is written', () => {
    const attributes = z
      .array(z.looseObject({ Name: z.string(), Mutable: z.boolean(), StringAttributeConstraints: z.unknown() }))
      .parse(propertiesOf('UserPool')['Schema'])

    expect(
      attributes.map(({ Name, Mutable, StringAttributeConstraints }) => ({
        Name,
        Mutable,
        StringAttributeConstraints,
      })),
    ).toEqual([
      { Name: 'human_user_id', Mutable: false, StringAttributeConstraints: { MinLength: '1', MaxLength: '256' } },
      { Name: 'human_proof', Mutable: false, StringAttributeConstraints: { MinLength: '1', MaxLength: '512' } },
      { Name: 'provisioning_id', Mutable: false, StringAttributeConstraints: { MinLength: '1', MaxLength: '80' } },
    ])
  })

  it('describes the groups of the access rules and no other', () => {
    const groups = ofType('AWS::Cognito::UserPoolGroup').map(({ properties }) => properties['GroupName'])

    expect(groups.toSorted()).toEqual(knownGroups.toSorted())
  })

  it.each(['MachineClient', 'ServiceClient'])('gives %s a secret, a short life and no attribute to write', (client) => {
    expect(propertiesOf(client)).toMatchObject({
      GenerateSecret: true,
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      PreventUserExistenceErrors: 'ENABLED',
      EnableTokenRevocation: true,
      AccessTokenValidity: 15,
      RefreshTokenValidity: 60,
      TokenValidityUnits: { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'minutes' },
      ReadAttributes: ['nickname'],
      WriteAttributes: ['nickname'],
    })
  })
})

const statement = z.looseObject({
  Sid: z.string(),
  Effect: z.string(),
  Action: z.union([z.string(), z.array(z.string())]),
})

function keyPolicyOf(logicalId: string): z.infer<typeof statement>[] {
  return z.object({ Statement: z.array(statement) }).parse(propertiesOf(logicalId)['KeyPolicy']).Statement
}

describe.each(['PasswordKey', 'MachineSecretKey', 'JobKey', 'JobsTableKey'])('the key %s', (key) => {
  it('rotates', () => {
    expect(propertiesOf(key)).toMatchObject({ EnableKeyRotation: true, KeyUsage: 'ENCRYPT_DECRYPT' })
  })

  it('gives the account administration of the key, and no way to use it or to hand that out', () => {
    const actions = keyPolicyOf(key)
      .filter(({ Sid }) => Sid === 'AdministrationOnly')
      .flatMap(({ Action }) => Action)

    expect(actions).toContain('kms:PutKeyPolicy')
    expect(actions).toHaveLength(21)
    expect(actions.filter((action) => /\*|Encrypt|Decrypt|GenerateDataKey|CreateGrant/i.test(action))).toEqual([])
  })
})

describe('kms.yml', () => {
  it.each([
    ['App1Seals', ['latchkey:create-user', 'latchkey:reset-password']],
    ['CreateUserOpens', 'latchkey:create-user'],
    ['ManageUsersOpens', 'latchkey:reset-password'],
    ['JobWorkerSeals', 'latchkey:create-user'],
  ] as const)(
    'has %s under the context of the cipher, for %j alone, with every key of it and no other',
    (sid, named) => {
      const purposes: readonly SealingPurpose[] = [named].flat()
      const contexts = purposes.map((purpose) =>
        encryptionContext('the pool', { purpose, provisioningId: 'the request' }),
      )

      for (const context of contexts) {
        expect(keyPolicyOf('PasswordKey').find(({ Sid }) => Sid === sid)?.['Condition']).toEqual({
          StringEquals: {
            'kms:EncryptionContext:purpose': named,
            'kms:EncryptionContext:audience': { Ref: 'UserPool' },
          },
          StringLike: { 'kms:EncryptionContext:provisioning_id': '?*' },
          'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': Object.keys(context) },
        })
        expect(purposes).toContain(context.purpose)
      }
    },
  )

  it('gives each role its own purposes: what jobs seals is no password, and opens for create-user alone', () => {
    const statements = z
      .array(
        z.looseObject({ Sid: z.string(), Condition: z.looseObject({ StringEquals: z.optional(z.looseObject({})) }) }),
      )
      .parse(keyPolicyOf('PasswordKey').slice(1))
    const purposes = statements.map(({ Sid, Condition }) => [
      Sid,
      Condition.StringEquals?.['kms:EncryptionContext:purpose'],
    ])

    expect(Object.fromEntries(purposes)).toMatchObject({
      JobWorkerSeals: 'latchkey:create-user',
      JobsSealsHumans: 'latchkey:job-human',
      CreateUserOpens: 'latchkey:create-user',
      CreateUserOpensHumans: 'latchkey:job-human',
      ManageUsersOpens: 'latchkey:reset-password',
    })
  })

  it('lets App1’s functions seal, create-user and manage-users open, and denies opening to everybody else', () => {
    const [, ...statements] = keyPolicyOf('PasswordKey')

    const arn = (role: string) => ({ 'Fn::GetAtt': [role, 'Arn'] })
    expect(statements).toMatchObject([
      { Effect: 'Allow', Action: 'kms:Encrypt', Principal: { AWS: arn('App1ProvisionerRole') } },
      { Effect: 'Allow', Action: 'kms:Decrypt', Principal: { AWS: arn('CreateUserRole') } },
      { Effect: 'Allow', Action: 'kms:Decrypt', Principal: { AWS: arn('ManageUsersRole') } },
      { Effect: 'Allow', Action: 'kms:Encrypt', Principal: { AWS: arn('JobWorkerRole') } },
      { Effect: 'Allow', Action: 'kms:Encrypt', Principal: { AWS: arn('JobsRole') } },
      { Effect: 'Allow', Action: 'kms:Decrypt', Principal: { AWS: arn('CreateUserRole') } },
      {
        Effect: 'Deny',
        Principal: '*',
        Action: ['kms:CreateGrant', 'kms:Decrypt', 'kms:ReEncryptFrom', 'kms:ReEncryptTo'],
        Condition: { ArnNotEquals: { 'aws:PrincipalArn': [arn('CreateUserRole'), arn('ManageUsersRole')] } },
      },
    ])
  })
})

describe('secrets.yml', () => {
  it('opens the secret’s key through Secrets Manager alone', () => {
    const [, ...statements] = keyPolicyOf('MachineSecretKey')

    expect(statements).toMatchObject([
      {
        Effect: 'Allow',
        Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
        Condition: {
          StringEquals: {
            'kms:CallerAccount': { Ref: 'AWS::AccountId' },
            'kms:ViaService': { 'Fn::Sub': 'secretsmanager.${AWS::Region}.${AWS::URLSuffix}' },
          },
        },
      },
      {
        Sid: 'OtherAccountDecrypts',
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Condition: {
          StringEquals: { 'kms:ViaService': { 'Fn::Sub': 'secretsmanager.${AWS::Region}.${AWS::URLSuffix}' } },
          StringLike: {
            'kms:EncryptionContext:SecretARN': {
              'Fn::Sub': 'arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:*',
            },
          },
        },
      },
    ])
    expect(propertiesOf('MachineSecret')['KmsKeyId']).toEqual({ 'Fn::GetAtt': ['MachineSecretKey', 'Arn'] })
  })

  it('generates the key of the provisioning ids and nothing else', () => {
    expect(propertiesOf('MachineSecret')['GenerateSecretString']).toEqual({
      SecretStringTemplate: '{}',
      GenerateStringKey: 'idempotency_secret',
      PasswordLength: 64,
      ExcludePunctuation: true,
    })
  })
})

describe('modes/sts-token.yml', () => {
  it('lets App1’s roles get just the token that App2 takes, and bind it by just the tags that it reads', async () => {
    const statementsOf = async (section: string): Promise<unknown[]> =>
      [...(await readTemplate(new URL('modes/sts-token.yml', folder), section)).values()].map(
        ({ properties }) => properties['PolicyDocument'],
      )
    const policyOf = (action: string, condition: object) => ({
      Version: '2012-10-17',
      Statement: [expect.objectContaining({ Action: action, Effect: 'Allow', Condition: condition })],
    })
    const getsToken = policyOf('sts:GetWebIdentityToken', {
      'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': { 'Fn::Sub': stsAudience('${UserPool}') } },
      NumericLessThanEquals: { 'sts:DurationSeconds': stsTokenLifeSeconds },
      StringEquals: { 'sts:SigningAlgorithm': 'RS256' },
    })
    const bindsToken = policyOf('sts:TagGetWebIdentityToken', {
      'ForAllValues:StringEquals': { 'aws:TagKeys': Object.values(boundTags) },
    })

    expect(await statementsOf('deployed')).toEqual([getsToken])
    expect(await statementsOf('jobs')).toEqual([getsToken, getsToken])
    for (const section of ['perRequest', 'perRequestJobs']) expect(await statementsOf(section)).toEqual([bindsToken])
  })
})
