import { ListSecretVersionIdsCommand, RotateSecretCommand } from '@aws-sdk/client-secrets-manager'
import { describe, expect } from 'vitest'
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
})

describe('RotateSecret', () => {
  statement('RotateSecret of a secret that has no rotation function is InvalidRequestException', async () => {
    const { arn } = await createSecret()

    const rotated = aws.secrets.send(new RotateSecretCommand({ SecretId: arn }))

    await expect(rotated).rejects.toMatchObject({ name: 'InvalidRequestException' })
  })
})
