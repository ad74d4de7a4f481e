import {
  DeleteSecretCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  RotateSecretCommand,
} from '@aws-sdk/client-secrets-manager'
import { describe, expect } from 'vitest'
import { uniqueName } from './support/pool.ts'
import { useSecrets } from './support/secrets.ts'
import { statement } from './support/statement.ts'

const { aws, createSecret, describeSecret, put, read } = useSecrets()

describe('DescribeSecret', () => {
  statement('DescribeSecret leaves out what the secret does not have', async () => {
    const { arn } = await createSecret()

    const described = await describeSecret(arn)

    for (const member of ['Description', 'KmsKeyId', 'Tags', 'DeletedDate', 'LastAccessedDate', 'RotationEnabled']) {
      expect(described).not.toHaveProperty(member)
    }
  })

  statement('DescribeSecret leaves out the stages of a secret without a value', async () => {
    const { arn } = await createSecret('', { SecretString: undefined })

    expect(await describeSecret(arn)).not.toHaveProperty('VersionIdsToStages')
  })

  // API_DescribeSecret.html: omitted if the secret has never been retrieved; a day, not a time.
  statement('DescribeSecret tells the day on which the value was read last', async () => {
    const { arn } = await createSecret()
    await read(arn)

    const { LastAccessedDate: accessedAt } = await describeSecret(arn)

    expect(Number(accessedAt) % 86_400_000).toBe(0)
    expect(Math.abs(Date.now() - Number(accessedAt))).toBeLessThan(2 * 86_400_000)
  })
})

describe('ListSecretVersionIds', () => {
  statement('ListSecretVersionIds lists the versions that have a staging label', async () => {
    const { arn, firstVersion } = await createSecret()
    const second = await put(arn, 'second')
    const third = await put(arn, 'third')

    const { Versions = [] } = await aws.secrets.send(new ListSecretVersionIdsCommand({ SecretId: arn }))

    const labels = Object.fromEntries(
      Versions.map(({ VersionId = '', VersionStages = [] }) => [VersionId, VersionStages]),
    )
    expect(labels).toEqual({ [second.VersionId ?? '']: ['AWSPREVIOUS'], [third.VersionId ?? '']: ['AWSCURRENT'] })
    expect(labels).not.toHaveProperty(firstVersion)
  })

  statement('ListSecretVersionIds tells when each version was made', async () => {
    const { arn, firstVersion } = await createSecret()

    const { Versions = [] } = await aws.secrets.send(new ListSecretVersionIdsCommand({ SecretId: arn }))

    expect(Versions.map(({ VersionId }) => VersionId)).toEqual([firstVersion])
    expect(Math.abs(Date.now() - Number(Versions[0]?.CreatedDate))).toBeLessThan(60_000)
  })

  statement('ListSecretVersionIds lists the versions without a staging label where it is asked to', async () => {
    const { arn, firstVersion } = await createSecret()
    for (const value of ['second', 'third']) await put(arn, value)

    const { Versions = [] } = await aws.secrets.send(
      new ListSecretVersionIdsCommand({ SecretId: arn, IncludeDeprecated: true }),
    )

    expect(Versions).toHaveLength(3)
    expect(Versions.map(({ VersionId }) => VersionId)).toContain(firstVersion)
  })
})

describe('RotateSecret', () => {
  statement('RotateSecret of a secret that has no rotation function is InvalidRequestException', async () => {
    const { arn } = await createSecret()

    const rotated = aws.secrets.send(new RotateSecretCommand({ SecretId: arn }))

    await expect(rotated).rejects.toMatchObject({ name: 'InvalidRequestException' })
  })
})

// API_ListSecrets.html. On AWS a list may be minutes behind what was written.
describe('ListSecrets', () => {
  async function list(input: {
    prefix: string
    IncludePlannedDeletion?: boolean
    MaxResults?: number
    NextToken?: string
  }) {
    const { prefix, ...rest } = input
    return aws.secrets.send(new ListSecretsCommand({ Filters: [{ Key: 'name', Values: [prefix] }], ...rest }))
  }

  statement('ListSecrets shows a secret with its versions, and not its value', async () => {
    const { arn, name, firstVersion } = await createSecret('first')

    const { SecretList: [listed] = [] } = await list({ prefix: name })

    expect(listed).toMatchObject({ ARN: arn, Name: name, SecretVersionsToStages: { [firstVersion]: ['AWSCURRENT'] } })
    expect(JSON.stringify(listed)).not.toContain('first')
  })

  statement('ListSecrets finds the names that begin with what the filter says, in pages', async () => {
    const prefix = uniqueName('latchkey-contract')
    for (const name of [`${prefix}-a`, `${prefix}-b`, `other-${prefix}`]) {
      await createSecret('x', { Name: name })
    }

    const first = await list({ prefix, MaxResults: 1 })
    const second = await list({ prefix, MaxResults: 1, ...(first.NextToken && { NextToken: first.NextToken }) })

    const names = [first, second].flatMap(({ SecretList = [] }) => SecretList.map(({ Name }) => Name))
    expect(names.sort()).toEqual([`${prefix}-a`, `${prefix}-b`])
    expect(second.NextToken).toBeUndefined()
  })

  statement('ListSecrets shows a secret that waits to be deleted only where it is asked to', async () => {
    const { arn, name } = await createSecret()
    await aws.secrets.send(new DeleteSecretCommand({ SecretId: arn, RecoveryWindowInDays: 7 }))

    expect((await list({ prefix: name })).SecretList).toEqual([])
    expect((await list({ prefix: name, IncludePlannedDeletion: true })).SecretList).toHaveLength(1)
  })
})
