import {
  CognitoIdentityProviderClient,
  CreateResourceServerCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolDomainCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { KMSClient } from '@aws-sdk/client-kms'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it } from 'vitest'
import { applyTemplates, type ApplyTemplatesDeps, type Provisioned } from '#infra/local/set-up/apply-templates.ts'
import { mockAws } from './mocked-aws.ts'

const { cognito } = mockAws()

beforeEach(() => {
  cognito.on(CreateResourceServerCommand).resolves({})
  cognito.on(CreateUserPoolDomainCommand).resolves({})
  for (const name of ['scope', 'service-scope']) {
    const ClientName = name === 'scope' ? 'machine-scope' : name
    cognito.on(CreateUserPoolClientCommand, { ClientName }).resolves({ UserPoolClient: { ClientId: `${name}-id` } })
  }
})

function apply(changes: Pick<ApplyTemplatesDeps, 'choice' | 'tokenEndpointOf'>): Promise<Provisioned> {
  return applyTemplates({
    cognito: new CognitoIdentityProviderClient(),
    kms: new KMSClient(),
    secrets: new SecretsManagerClient(),
    templatesFolder: new URL('../../../../../infra/templates/', import.meta.url),
    region: 'cn-north-1',
    stackName: 'stack',
    ...changes,
  })
}

describe('applyTemplates with the templates of a mode', () => {
  it('with client-credentials names the token endpoint as AWS has it, unless it is told another', async () => {
    const choice = { accepted: ['client-credentials'], app2Authorizer: 'lambda' } as const

    const atAws = await apply({ choice })
    const elsewhere = await apply({
      choice,
      tokenEndpointOf: (domain) => `http://127.0.0.1:4000/${domain}/oauth2/token`,
    })

    const domain = 'stack-999999999999'
    expect(atAws).toMatchObject({
      machineScopeClientId: 'scope-id',
      tokenEndpoint: `https://${domain}.auth.cn-north-1.amazoncognito.com/oauth2/token`,
    })
    expect(atAws).not.toHaveProperty('machineClientId')
    expect(elsewhere.tokenEndpoint).toBe(`http://127.0.0.1:4000/${domain}/oauth2/token`)
    expect(cognito).toHaveReceivedCommandWith(CreateUserPoolDomainCommand, { Domain: domain })
  })

  it('behind the native authorizer makes a client that may call the sample route, and no domain', async () => {
    const made = await apply({ choice: { accepted: ['client-token'], app2Authorizer: 'cognito' } })

    expect(made).toMatchObject({ machineScopeClientId: 'scope-id', serviceScopeClientId: 'service-scope-id' })
    expect(made).not.toHaveProperty('tokenEndpoint')
  })

  it('refuses both scope modes at once, before anything is made', async () => {
    const choice = { accepted: ['client-credentials', 'client-token'], app2Authorizer: 'lambda' } as const

    await expect(apply({ choice })).rejects.toThrow(RangeError)
    expect(cognito.calls()).toEqual([])
  })
})
