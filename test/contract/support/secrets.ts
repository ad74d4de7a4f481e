// Secrets of a file of the contract suite, deleted afterwards, and how they are written and read.
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  type CreateSecretCommandInput,
  type DescribeSecretCommandOutput,
  type GetSecretValueCommandOutput,
  type PutSecretValueCommandOutput,
} from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll } from 'vitest'
import { connectToAws, type Aws } from './environment.ts'
import { uniqueName } from './pool.ts'

export type Secret = { readonly arn: string; readonly name: string; readonly firstVersion: string }

export type Secrets = {
  /** Inside of tests only. */
  readonly aws: Pick<Aws, 'secrets' | 'region'>
  readonly createSecret: (value?: string, changes?: Partial<CreateSecretCommandInput>) => Promise<Secret>
  /** Of a secret that its test has deleted: nothing is left to be deleted. */
  readonly discard: (arn: string) => void
  readonly read: (
    secretId: string,
    which?: { VersionId?: string; VersionStage?: string },
  ) => Promise<GetSecretValueCommandOutput>
  readonly put: (
    secretId: string,
    value: string,
    options?: { ClientRequestToken?: string; VersionStages?: string[] },
  ) => Promise<PutSecretValueCommandOutput>
  readonly describeSecret: (secretId: string) => Promise<DescribeSecretCommandOutput>
  readonly stagesOf: (secretId: string) => Promise<Record<string, string[]>>
}

/** Registers the hooks of a file. */
export function useSecrets(): Secrets {
  let connected: Aws | undefined
  const arns = new Set<string>()
  const connection = (): Aws => {
    if (connected === undefined) throw new Error('there are secrets only while tests run')
    return connected
  }
  const aws = {
    get secrets() {
      return connection().secrets
    },
    get region() {
      return connection().region
    },
  }
  beforeAll(async () => {
    connected = await connectToAws()
  })
  afterAll(async () => {
    for (const arn of arns) {
      await aws.secrets.send(new DeleteSecretCommand({ SecretId: arn, ForceDeleteWithoutRecovery: true }))
    }
    await connected?.close()
  })
  const describeSecret = (SecretId: string): Promise<DescribeSecretCommandOutput> =>
    aws.secrets.send(new DescribeSecretCommand({ SecretId }))
  return {
    aws,
    createSecret: async (value = 'first', changes = {}) => {
      const Name = uniqueName('latchkey-contract')
      const created = await aws.secrets.send(new CreateSecretCommand({ Name, SecretString: value, ...changes }))
      const { ARN: arn = '', Name: name = '', VersionId: firstVersion = '' } = created
      arns.add(arn)
      return { arn, name, firstVersion }
    },
    discard: (arn) => {
      arns.delete(arn)
    },
    read: (SecretId, which = {}) => aws.secrets.send(new GetSecretValueCommand({ SecretId, ...which })),
    put: (SecretId, SecretString, options = {}) =>
      aws.secrets.send(new PutSecretValueCommand({ SecretId, SecretString, ...options })),
    describeSecret,
    stagesOf: async (secretId) => (await describeSecret(secretId)).VersionIdsToStages ?? {},
  }
}
