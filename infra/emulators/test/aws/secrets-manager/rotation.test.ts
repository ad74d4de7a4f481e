import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager'
import { describe, expect, it, vi } from 'vitest'
import type { RotationEvent } from '../../../aws/secrets-manager/rotation.ts'
import { startTestAws } from '../test-aws.ts'

/** A secret whose rotation function stores a value and makes it current, unless it is told to fail at a step. */
async function startRotatedSecret() {
  const { aws, clock, secrets } = await startTestAws()
  const { ARN: SecretId = '' } = await secrets.send(new CreateSecretCommand({ Name: 's', SecretString: 'first' }))
  const steps: string[] = []
  const broken = { at: '' }
  const invoke = async ({ Step, ClientRequestToken }: RotationEvent): Promise<void> => {
    steps.push(Step)
    if (Step === broken.at) throw new Error('canary')
    if (Step !== 'createSecret') return
    const input = { SecretId, ClientRequestToken, SecretString: 'next', VersionStages: ['AWSPENDING', 'AWSCURRENT'] }
    await secrets.send(new PutSecretValueCommand(input))
  }
  const describe = () => secrets.send(new DescribeSecretCommand({ SecretId }))
  return {
    clock,
    steps,
    broken,
    describe,
    switchOn: () => {
      aws.setRotation(SecretId, { arn: 'arn:aws:lambda:us-east-1:123456789012:function:rotation', invoke })
    },
    rotate: (input: { RotateImmediately?: boolean; RotationLambdaARN?: string } = {}) =>
      secrets.send(new RotateSecretCommand({ SecretId, ...input })),
    cancel: () => secrets.send(new CancelRotateSecretCommand({ SecretId })),
    value: async () => (await secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString,
    pendingValue: () => secrets.send(new GetSecretValueCommand({ SecretId, VersionStage: 'AWSPENDING' })),
    pending: async () =>
      Object.entries((await describe()).VersionIdsToStages ?? {}).find(([, labels]) => labels.includes('AWSPENDING')),
  }
}

const incomplete = "A previous rotation isn't complete. That rotation will be reattempted."

describe('RotateSecret', () => {
  it('answers at once, and calls the function’s four steps in order', async () => {
    const secret = await startRotatedSecret()
    secret.switchOn()

    const { VersionId = '' } = await secret.rotate()
    await vi.waitFor(async () => {
      expect((await secret.describe()).LastRotatedDate).toEqual(new Date(secret.clock.now))
    })

    expect(secret.steps).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret'])
    expect(await secret.value()).toBe('next')
    expect(await secret.pending()).toEqual([VersionId, ['AWSPENDING', 'AWSCURRENT']])
  })

  it('leaves the version of a step that fails pending and without a value, and attempts it again when it is asked for another', async () => {
    const secret = await startRotatedSecret()
    secret.switchOn()
    secret.broken.at = 'createSecret'
    const { VersionId } = await secret.rotate()

    await expect(secret.pendingValue()).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
    secret.broken.at = ''
    await expect(secret.rotate()).rejects.toMatchObject({ name: 'InvalidRequestException', message: incomplete })
    await vi.waitFor(async () => {
      expect(await secret.value()).toBe('next')
    })

    expect((await secret.pending())?.[0]).toBe(VersionId)
  })

  it('without RotateImmediately calls testSecret alone, with a version that is gone afterwards', async () => {
    const secret = await startRotatedSecret()
    secret.switchOn()

    await secret.rotate({ RotateImmediately: false })
    await vi.waitFor(async () => {
      expect(await secret.pending()).toBeUndefined()
    })

    expect(secret.steps).toEqual(['testSecret'])
    expect(await secret.value()).toBe('first')
  })

  it('switches rotation on again that CancelRotateSecret has switched off', async () => {
    const secret = await startRotatedSecret()
    secret.switchOn()

    await secret.cancel()
    const cancelled = (await secret.describe()).RotationEnabled
    await secret.rotate()

    expect([cancelled, (await secret.describe()).RotationEnabled]).toEqual([false, true])
  })

  it('refuses a function that is not the secret’s', async () => {
    const secret = await startRotatedSecret()
    secret.switchOn()

    const other = secret.rotate({ RotationLambdaARN: 'arn:aws:lambda:us-east-1:123456789012:function:other' })

    await expect(other).rejects.toMatchObject({ name: 'AccessDeniedException' })
  })
})
