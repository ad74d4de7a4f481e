import { readFile } from 'node:fs/promises'
import { beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { templateFiles } from '../../../infra/local/set-up/apply-templates.ts'
import {
  readTemplate,
  type TemplateResource,
  type TemplateResources,
} from '../../../infra/local/set-up/read-template.ts'
import { knownGroups } from '../../../shared/access-rules.ts'
import { passwordPolicy } from '../../../shared/password-policy.ts'

const folder = new URL('../../../infra/', import.meta.url)

let resources: TemplateResources
let texts: string[]

beforeAll(async () => {
  const templates = await Promise.all(templateFiles.map((file) => readTemplate(new URL(file, folder))))
  resources = new Map(templates.flatMap((template) => [...template]))
  texts = await Promise.all(templateFiles.map((file) => readFile(new URL(file, folder), 'utf8')))
})

function ofType(type: string): TemplateResource[] {
  return [...resources.values()].filter((resource) => resource.type === type)
}

function propertiesOf(logicalId: string): Readonly<Record<string, unknown>> {
  return resources.get(logicalId)?.properties ?? {}
}

describe('the templates', () => {
  it('use each logical id once, across all files', () => {
    const ids = texts.flatMap((text) => [...text.matchAll(/^ {2}(\w+):\n {4}Type:/gm)].map((match) => match[1]))

    expect(ids.toSorted()).toEqual([...resources.keys()].toSorted())
  })

  it('refer only to resources that they describe, and to pseudo-parameters', () => {
    const names = texts.flatMap((text) =>
      [...text.matchAll(/!(?:Ref|GetAtt) ([\w:]+)|\$\{([\w:]+)/g)].map((match) => match[1] ?? match[2] ?? ''),
    )

    const unknown = names.filter((name) => !resources.has(name) && !name.startsWith('AWS::'))
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
      { Name: 'provisioning_id', Mutable: false, StringAttributeConstraints: { MinLength: '1', MaxLength: '80' } },
    ])
  })

  it('describes the groups of the access rules and no other', () => {
    const groups = ofType('AWS::Cognito::UserPoolGroup').map(({ properties }) => properties['GroupName'])

    expect(groups).toEqual(knownGroups)
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

describe('kms.yml', () => {
  it('rotates the key', () => {
    expect(propertiesOf('PasswordKey')).toMatchObject({ EnableKeyRotation: true, KeyUsage: 'ENCRYPT_DECRYPT' })
  })

  it('gives the account administration of the key, and no way to use it or to hand that out', () => {
    const policy = z
      .object({
        Statement: z.array(
          z.strictObject({
            Sid: z.string(),
            Effect: z.string(),
            Principal: z.unknown(),
            Action: z.array(z.string()),
            Resource: z.string(),
          }),
        ),
      })
      .parse(propertiesOf('PasswordKey')['KeyPolicy'])

    const actions = policy.Statement.filter(({ Sid }) => Sid === 'AdministrationOnly').flatMap(({ Action }) => Action)
    expect(actions).toContain('kms:PutKeyPolicy')
    expect(actions.filter((action) => /\*|Encrypt|Decrypt|GenerateDataKey|CreateGrant/i.test(action))).toEqual([])
  })
})

describe('secrets.yml', () => {
  it('generates the key of the provisioning ids and nothing else', () => {
    expect(propertiesOf('MachineSecret')['GenerateSecretString']).toEqual({
      SecretStringTemplate: '{}',
      GenerateStringKey: 'idempotency_secret',
      PasswordLength: 64,
      ExcludePunctuation: true,
    })
  })
})
