import {
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  InvalidParameterException,
} from '@aws-sdk/client-cognito-identity-provider'
import { KMSClient } from '@aws-sdk/client-kms'
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { describe, expect, it } from 'vitest'
import { applyTemplates, type ApplyTemplatesDeps, type Provisioned } from '#infra/local/set-up/apply-templates.ts'
import { keyArn, mockAws } from './mocked-aws.ts'

const { cognito, secrets } = mockAws()

const deps: ApplyTemplatesDeps = {
  cognito: new CognitoIdentityProviderClient(),
  kms: new KMSClient(),
  secrets: new SecretsManagerClient(),
  templatesFolder: new URL('../../../../../infra/templates/', import.meta.url),
  region: 'cn-north-1',
}

function apply(changes: Partial<ApplyTemplatesDeps> = {}): Promise<Provisioned> {
  return applyTemplates({ ...deps, stackName: 'stack', ...changes })
}

describe('applyTemplates with the templates of this project', () => {
  it('makes the secret with a value of its own, which no step shows', async () => {
    const steps: string[] = []

    await apply({ onStep: (text) => steps.push(text) })
    await apply()

    const values = secrets.commandCalls(CreateSecretCommand).map(({ args }) => args[0].input)
    const [first, second] = values.map(({ SecretString }): unknown => JSON.parse(SecretString ?? ''))
    expect(first).toEqual({ idempotency_secret: expect.stringMatching(/^[A-Za-z0-9]{64}$/) as string })
    expect(second).not.toEqual(first)
    expect(values[0]?.Name).toMatch(/^stack-MachineSecret-[A-Za-z0-9]{12}$/)
    expect(values[0]?.KmsKeyId).toBe(keyArn)
    expect(steps).toHaveLength(10)
    expect(steps[0]).toBe('made UserPool (AWS::Cognito::UserPool)')
    expect(steps.join()).not.toContain((first as { idempotency_secret: string }).idempotency_secret)
  })

  it('takes a new name for the stack each time, unless it is given one', async () => {
    await applyTemplates(deps)
    await applyTemplates(deps)

    const [first, second] = cognito.commandCalls(CreateUserPoolCommand).map(({ args }) => args[0].input.PoolName)
    expect(first).toMatch(/^latchkey-[a-z0-9]{8}$/)
    expect(second).not.toBe(first)
  })
})

describe('applyTemplates', () => {
  it('names the resource that a call failed for, and keeps the failure as the cause', async () => {
    const failure = new InvalidParameterException({ message: 'no such flow', $metadata: {} })
    cognito.on(CreateUserPoolClientCommand, { ClientName: 'service' }).rejects(failure)

    await expect(apply()).rejects.toMatchObject({
      name: 'SetUpError',
      message:
        'ServiceClient (AWS::Cognito::UserPoolClient): could not be made, InvalidParameterException: no such flow',
      cause: failure,
    })
  })

  it('refuses an answer without the id that others need', async () => {
    cognito.on(CreateUserPoolCommand).resolves({ UserPool: { Arn: 'arn' } })

    await expect(apply()).rejects.toThrow('could not be made, TypeError: the answer holds no UserPool.Id')
  })
})
