import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { randomUUID } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startLocalAws, type LocalAws } from '../../../../infra/emulators/aws/server.ts'
import { startRotatingSecret, type RotatingSecret } from '../../../gate/artifacts/rotating-secret.ts'
import { createClients } from '#test/gate/moto/make-passed-over.ts'

const SecretId = 'some-secret'
const version = randomUUID()

let aws: LocalAws
let rotating: RotatingSecret
let secrets: SecretsManagerClient

beforeEach(async () => {
  aws = await startLocalAws()
  rotating = await startRotatingSecret({ awsUrl: aws.url })
  secrets = createClients(rotating.url).secrets
  await secrets.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'current' }))
})

afterEach(async () => {
  await rotating.close()
  await aws.close()
})

async function stagesOf(versionId: string): Promise<string[] | undefined> {
  const { VersionIdsToStages = {} } = await secrets.send(new DescribeSecretCommand({ SecretId }))
  return VersionIdsToStages[versionId]
}

describe('startRotatingSecret', () => {
  it('says that rotation is enabled, and shows no version that is not there', async () => {
    const { RotationEnabled, VersionIdsToStages = {} } = await secrets.send(new DescribeSecretCommand({ SecretId }))

    expect(RotationEnabled).toBe(true)
    expect(Object.values(VersionIdsToStages)).toEqual([['AWSCURRENT']])
  })

  it('shows a version that a rotation has begun as pending, though it has no value', async () => {
    rotating.begin(version)

    expect(await stagesOf(version)).toEqual(['AWSPENDING'])
    await expect(secrets.send(new GetSecretValueCommand({ SecretId, VersionId: version }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })

  it('shows AWSPENDING on one version, also where the rotation before left it on the current one', async () => {
    const VersionStages = ['AWSCURRENT', 'AWSPENDING']
    const next = { SecretId, ClientRequestToken: randomUUID(), SecretString: 'next', VersionStages }
    await secrets.send(new PutSecretValueCommand(next))

    rotating.begin(version)

    expect(await stagesOf(next.ClientRequestToken)).toEqual(['AWSCURRENT'])
    expect(await stagesOf(version)).toEqual(['AWSPENDING'])
  })

  it("shows the version's own labels once it has a value", async () => {
    rotating.begin(version)
    await secrets.send(
      new PutSecretValueCommand({
        SecretId,
        ClientRequestToken: version,
        SecretString: 'next',
        VersionStages: ['AWSCURRENT'],
      }),
    )

    expect(await stagesOf(version)).toEqual(['AWSCURRENT'])
  })
})
