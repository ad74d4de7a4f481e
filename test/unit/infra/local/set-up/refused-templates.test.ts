import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { KMSClient } from '@aws-sdk/client-kms'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { describe, expect, it } from 'vitest'
import { applyTemplates, type Provisioned } from '#infra/local/set-up/apply-templates.ts'
import { mockAws } from './mocked-aws.ts'
import { templatesFolder } from './templates-folder.ts'

const { cognito, kms, secrets } = mockAws()

async function applyOnly(resources: string): Promise<Provisioned> {
  return applyTemplates({
    cognito: new CognitoIdentityProviderClient(),
    kms: new KMSClient(),
    secrets: new SecretsManagerClient(),
    templatesFolder: await templatesFolder({ 'cognito.yml': `Resources:\n${resources}` }),
    region: 'cn-north-1',
  })
}

const key = '{Type: AWS::KMS::Key, Properties: {KeyPolicy: {}}}'
const alias = (target: string): string => `{Type: AWS::KMS::Alias, Properties: {TargetKeyId: ${target}}}`

describe('applyTemplates', () => {
  it.each([
    ['{Type: AWS::SNS::Topic}', 'A (AWS::SNS::Topic): this set-up does not know the resource type'],
    ['{Type: constructor}', 'A (constructor): this set-up does not know the resource type'],
    [alias('!Ref Nothing'), 'Nothing: no template describes it'],
    ['{Type: AWS::KMS::Alias, DependsOn: Nothing}', 'Nothing: no template describes it'],
    [alias('!Ref A'), 'A (AWS::KMS::Alias): depends on itself'],
    [`${alias('!GetAtt K.Colour')}\n  K: ${key}`, 'K.Colour: this set-up does not know the attribute'],
    [alias('!Ref AWS::NoValue'), 'AWS::NoValue: this set-up does not know the pseudo-parameter'],
  ])('refuses %s', async (resource, message) => {
    await expect(applyOnly(`  A: ${resource}`)).rejects.toMatchObject({ name: 'SetUpError', message })
  })

  it.each([
    ['EmailConfiguration', 'AWS::Cognito::UserPool, Properties: {UserPoolName: x, EmailConfiguration: {}}'],
    ['Tags', 'AWS::KMS::Key, Properties: {KeyPolicy: {}, Tags: []}'],
    ['MfaConfiguration', 'AWS::Cognito::UserPool, Properties: {UserPoolName: x, MfaConfiguration: NO}'],
    ['GenerateSecretString', 'AWS::SecretsManager::Secret, Properties: {}'],
  ])('refuses %s where it would go unnoticed, before any call', async (property, resource) => {
    await expect(applyOnly(`  A: {Type: ${resource}}`)).rejects.toThrow(
      new RegExp(`^A \\(.*could not be made, TypeError: among its properties, .*${property}`),
    )
    expect([cognito.calls(), kms.calls(), secrets.calls()]).toEqual([[], [], []])
  })

  it('refuses templates that do not describe what the pair needs', async () => {
    await expect(applyOnly(`  K: ${key}`)).rejects.toThrow('UserPool: no template describes it')
  })
})
