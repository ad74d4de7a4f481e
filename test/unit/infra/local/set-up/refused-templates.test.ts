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

describe('applyTemplates', () => {
  it.each([
    {
      what: 'a resource type that it does not know',
      resources: '  A: {Type: AWS::SNS::Topic}',
      message: 'A (AWS::SNS::Topic): this set-up does not know the resource type',
    },
    {
      what: 'a resource type named like a property of every object',
      resources: '  A: {Type: constructor}',
      message: 'A (constructor): this set-up does not know the resource type',
    },
    {
      what: 'a reference to nothing',
      resources: '  A: {Type: AWS::KMS::Alias, Properties: {TargetKeyId: !Ref Nothing}}',
      message: 'Nothing: no template describes it',
    },
    {
      what: 'a dependency on nothing',
      resources: '  A: {Type: AWS::KMS::Alias, DependsOn: Nothing}',
      message: 'Nothing: no template describes it',
    },
    {
      what: 'a reference to itself',
      resources: '  A: {Type: AWS::KMS::Alias, Properties: {TargetKeyId: !Ref A}}',
      message: 'A (AWS::KMS::Alias): depends on itself',
    },
    {
      what: 'an attribute that it does not know',
      resources: `
  K: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {}}}
  A: {Type: AWS::KMS::Alias, Properties: {TargetKeyId: !GetAtt K.Colour}}`,
      message: 'K.Colour: this set-up does not know the attribute',
    },
    {
      what: 'a pseudo-parameter that it does not know',
      resources: '  A: {Type: AWS::KMS::Alias, Properties: {TargetKeyId: !Ref AWS::NoValue}}',
      message: 'AWS::NoValue: this set-up does not know the pseudo-parameter',
    },
  ])('refuses $what', async ({ resources, message }) => {
    await expect(applyOnly(resources)).rejects.toMatchObject({ name: 'SetUpError', message })
  })

  it.each([
    {
      property: 'EmailConfiguration',
      resource: 'AWS::Cognito::UserPool, Properties: {UserPoolName: x, EmailConfiguration: {}}',
    },
    { property: 'Tags', resource: 'AWS::KMS::Key, Properties: {KeyPolicy: {}, Tags: []}' },
    {
      property: 'MfaConfiguration',
      resource: 'AWS::Cognito::UserPool, Properties: {UserPoolName: x, MfaConfiguration: NO}',
    },
    { property: 'GenerateSecretString', resource: 'AWS::SecretsManager::Secret, Properties: {}' },
  ])('refuses $property where it would go unnoticed, before any call', async ({ property, resource }) => {
    await expect(applyOnly(`  A: {Type: ${resource}}`)).rejects.toThrow(
      new RegExp(`^A \\(.*could not be made, TypeError: among its properties, .*${property}`),
    )
    expect([cognito.calls(), kms.calls(), secrets.calls()]).toEqual([[], [], []])
  })

  it('refuses templates that do not describe what the pair needs', async () => {
    await expect(applyOnly('  K: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {}}}')).rejects.toThrow(
      'UserPool: no template describes it',
    )
  })
})
