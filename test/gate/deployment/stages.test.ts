import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import * as z from 'zod/mini'
import { ofType, packagedFile, propertiesOf, readPackagedTemplate, stages, stringsIn } from './template.ts'

describe.each(stages)('the stage %s', (stage) => {
  it('keeps every log for a time that is set', () => {
    const template = readPackagedTemplate(stage)
    const logs = ofType(template, 'AWS::Logs::LogGroup')

    const days = logs.map(([, { Properties }]) => Properties['RetentionInDays'])
    expect(logs).toHaveLength(ofType(template, 'AWS::Lambda::Function').length + 2)
    expect(new Set(days)).toEqual(new Set([{ dev: 30, prod: 365 }[stage]]))
  })

  it('renews the material of every key', () => {
    const keys = ofType(readPackagedTemplate(stage), 'AWS::KMS::Key')

    expect(keys.map(([logicalId, { Properties }]) => [logicalId, Properties['EnableKeyRotation']])).toEqual([
      ['PasswordKey', true],
      ['MachineSecretKey', true],
      ['AlarmKey', true],
    ])
  })

  it('encrypts the secret and the topics under keys of its own', () => {
    const template = readPackagedTemplate(stage)

    expect(propertiesOf(template, 'MachineSecret')['KmsKeyId']).toEqual({ 'Fn::GetAtt': ['MachineSecretKey', 'Arn'] })
    for (const topic of ['OperationsTopic', 'SecurityTopic']) {
      expect(propertiesOf(template, topic)['KmsMasterKeyId']).toEqual({ Ref: 'AlarmKey' })
    }
  })

  it('closes the bucket that the code is deployed by', () => {
    expect(propertiesOf(readPackagedTemplate(stage), 'ServerlessDeploymentBucket')).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      VersioningConfiguration: { Status: 'Enabled' },
    })
  })

  it('puts addresses and ids into its outputs, and no secret', () => {
    const { Outputs } = readPackagedTemplate(stage)

    expect(Object.keys(Outputs)).toEqual(
      expect.arrayContaining([
        'App1Url',
        'App2Url',
        'UserPoolId',
        'MachineClientId',
        'ServiceClientId',
        'PasswordKeyArn',
        'MachineSecretArn',
      ]) as string[],
    )
    const texts = Object.values(Outputs).flatMap(({ Value }) => stringsIn(Value))
    expect(texts.filter((text) => /resolve:|ClientSecret|SecretString/.test(text))).toEqual([])
  })

  it('makes the secret’s value in AWS: none stands in the template', () => {
    const template = readPackagedTemplate(stage)

    expect(propertiesOf(template, 'MachineSecret')).not.toHaveProperty('SecretString')
    expect(JSON.stringify(template)).not.toMatch(/resolve:secretsmanager|AKIA|-----BEGIN/)
  })

  it('is made without a value for who may call: deploying asks for it', () => {
    const { Variables } = z
      .object({ Variables: z.record(z.string(), z.unknown()) })
      .parse(propertiesOf(readPackagedTemplate(stage), 'App1ProvisionerLambdaFunction')['Environment'])

    expect(Variables['ALLOWED_CALLERS']).toBe('')
  })

  it('needs no reservation of instances, which a new account has none to give for', () => {
    const reserved = ofType(readPackagedTemplate(stage), 'AWS::Lambda::Function').filter(
      ([, { Properties }]) => 'ReservedConcurrentExecutions' in Properties,
    )

    expect(reserved).toEqual([])
  })
})

describe('what differs between the stages', () => {
  it('is how hard the accounts are to lose', () => {
    const kept = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' }
    const deleted = { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' }
    const { UserPool: dev, ServiceUserGroup: devGroup } = readPackagedTemplate('dev').Resources
    const { UserPool: prod, ServiceUserGroup: prodGroup } = readPackagedTemplate('prod').Resources

    expect(dev).toMatchObject({ ...deleted, Properties: { DeletionProtection: 'INACTIVE' } })
    expect(devGroup).toMatchObject(deleted)
    expect(prod).toMatchObject({ ...kept, Properties: { DeletionProtection: 'ACTIVE' } })
    // Who is in the group is lost with it.
    expect(prodGroup).toMatchObject(kept)
  })

  it.each([
    { stage: 'dev' as const, minutes: 15 },
    { stage: 'prod' as const, minutes: 5 },
  ])(
    'is how long a token lives: $minutes minutes in $stage, for both clients and manage-users',
    ({ stage, minutes }) => {
      const template = readPackagedTemplate(stage)

      const lives = ofType(template, 'AWS::Cognito::UserPoolClient').map(([, { Properties }]) => Properties)
      expect(lives).toHaveLength(2)
      for (const client of lives) {
        expect(client).toMatchObject({ AccessTokenValidity: minutes, TokenValidityUnits: { AccessToken: 'minutes' } })
      }
      // What it tells as `access_ends_at` rests on both.
      const { AuthorizerResultTtlInSeconds: seconds } = propertiesOf(template, 'AuthorizerApiGatewayAuthorizer')
      const Variables = { ACCESS_TOKEN_MINUTES: String(minutes), AUTHORIZER_TTL_SECONDS: String(seconds) }
      expect(propertiesOf(template, 'ManageUsersLambdaFunction')).toMatchObject({ Environment: { Variables } })
    },
  )

  it('is nothing else but names, addresses, and how long tokens live and logs are kept', () => {
    const differing = Object.entries(readPackagedTemplate('dev').Resources).filter(([logicalId, resource]) => {
      const other = readPackagedTemplate('prod').Resources[logicalId]
      // The deployment is named by the second of its packaging, and so are the archives.
      if (logicalId.startsWith('ApiGatewayDeployment')) return false
      const neutral = (text: string) => text.replace(/\b(dev|prod)\b/g, '<stage>').replace(/\d{13}[^/"]*/g, '<time>')
      return neutral(JSON.stringify(resource)) !== neutral(JSON.stringify(other))
    })

    expect(differing.map(([logicalId]) => logicalId).filter((logicalId) => !/Log(Group)?$/.test(logicalId))).toEqual([
      'ManageUsersLambdaFunction',
      'UserPool',
      'ServiceUserGroup',
      'ServiceClient',
      'MachineClient',
    ])
  })
})

// As docs/deploy.md has it done, by a template that holds these two and nothing else.
it('a pool that was kept and its group refer to nothing else, so that they can be imported by themselves', () => {
  const { UserPool, ServiceUserGroup, ...others } = readPackagedTemplate('prod').Resources
  const texts = stringsIn([UserPool, ServiceUserGroup]).flatMap((text) => text.split(/[${}.]/))

  expect(texts.filter((text) => Object.hasOwn(others, text))).toEqual([])
  expect(ServiceUserGroup?.Properties).toMatchObject({ UserPoolId: { Ref: 'UserPool' }, GroupName: 'service-user' })
})

describe('protection', () => {
  it.each(['prod', 'production', 'prd', 'live', 'staging', 'Dev', 'development'])(
    'is the stage %s’s as it is any other’s but dev’s',
    (stage) => {
      const { params } = z
        .object({ params: z.record(z.string(), z.record(z.string(), z.unknown())) })
        .parse(parse(readFileSync(packagedFile('dev', 'serverless.yml'), 'utf8'), { logLevel: 'silent', merge: true }))

      expect({ ...params['default'], ...params[stage] }).toMatchObject({
        accessTokenMinutes: 5,
        userPoolDeletionPolicy: 'Retain',
        userPoolDeletionProtection: 'ACTIVE',
        logRetentionDays: 365,
      })
    },
  )

  it('reaches the template of a stage that serverless.yml does not name', () => {
    const template = readPackagedTemplate('production')

    expect(template.Resources['UserPool']).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: { DeletionProtection: 'ACTIVE' },
    })
    expect(propertiesOf(template, 'ServiceClient')['AccessTokenValidity']).toBe(5)
    expect(propertiesOf(template, 'SampleLogGroup')['RetentionInDays']).toBe(365)
  })
})
