import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { captureOutput, type CapturedOutput } from '#test/support/capture-output.ts'
import { startRotatingSecret } from '../../../gate/artifacts/rotating-secret.ts'
import { rotationBenches, type RotationBench } from './rotation-bench.ts'

const rotated = rotationBenches()

let output: CapturedOutput

beforeEach(() => {
  vi.resetModules()
  output = captureOutput()
})

afterEach(() => {
  output.release()
})

const event = { Step: 'createSecret', ClientRequestToken: 'a'.repeat(32) }
const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 10_000 }

function stubEnvironment(provisioned: RotationBench['provisioned'], awsUrl: string): void {
  const environment = {
    AWS_REGION: provisioned.region,
    USER_POOL_ID: provisioned.userPoolId,
    MACHINE_CLIENT_ID: provisioned.machineClientId,
    MACHINE_GROUPS: 'api-client,api-admin',
    MACHINE_SECRET_ARN: provisioned.machineSecretArn,
    AWS_ENDPOINT_URL: awsUrl,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  }
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value)
}

describe('the rotation function as it is deployed', () => {
  it('asks the AWS of its environment about the secret of its environment, and logs what came of it', async () => {
    const { aws, provisioned } = await rotated(0)
    stubEnvironment(provisioned, aws.url)
    const { handler } = await import('#services/credential-rotation/handler.ts')

    const refused = handler({ ...event, SecretId: provisioned.machineSecretArn }, context)

    await expect(refused).rejects.toMatchObject({ reason: 'rotation_not_enabled' })
    expect(aws.calls.at(-1)).toMatchObject({ operation: 'DescribeSecret' })
    const line: unknown = JSON.parse(output.text().trim().split('\n').at(-1) ?? '')
    expect(line).toMatchObject({
      level: 'ERROR',
      service: 'machine-credential-rotation',
      message: 'machine credential rotation: step failed',
      operation: 'createSecret',
      secret_version: 'a'.repeat(32),
      reason: 'rotation_not_enabled',
      request_id: 'request-1',
    })
  })

  it('offers a password once, where the answer to a sign-in is lost', async () => {
    const { aws, provisioned, calls } = await rotated(0)
    const rotating = await startRotatingSecret({ awsUrl: aws.url })
    onTestFinished(() => rotating.close())
    rotating.begin(event.ClientRequestToken)
    stubEnvironment(provisioned, rotating.url)
    const { handler } = await import('#services/credential-rotation/handler.ts')
    const run = (Step: string): Promise<void> =>
      handler({ ...event, Step, SecretId: provisioned.machineSecretArn }, context)
    await run('createSecret')
    await run('setSecret')
    aws.setFaults([{ operation: 'InitiateAuth', kind: 'internal_error', when: 'after', calls: { next: 3 } }])

    await expect(run('testSecret')).rejects.toMatchObject({ call: 'InitiateAuth' })

    expect(calls('InitiateAuth')).toBe(1)
  })

  it('does not start without its configuration', async () => {
    for (const name of ['AWS_REGION', 'USER_POOL_ID', 'MACHINE_CLIENT_ID', 'MACHINE_SECRET_ARN']) vi.stubEnv(name, '')

    const started = import('#services/credential-rotation/handler.ts')

    await expect(started).rejects.toMatchObject({ name: 'ConfigurationError' })
  })
})
