import {
  CreateSecretCommand,
  DeleteSecretCommand,
  RestoreSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import { randomUUID } from 'node:crypto'
import { describe, expect } from 'vitest'
import { uniqueName } from './support/pool.ts'
import { useSecrets } from './support/secrets.ts'
import { refusal, refused, statement } from './support/statement.ts'

const { aws, createSecret, discard, put, read, stagesOf } = useSecrets()

describe('CreateSecret', () => {
  statement('CreateSecret gives an ARN that ends in a hyphen and six random characters', async () => {
    const { arn, name } = await createSecret()

    expect(arn).toMatch(
      new RegExp(`^arn:aws[a-z-]*:secretsmanager:${aws.region}:\\d{12}:secret:${name}-[A-Za-z0-9]{6}$`),
    )
  })

  refused('CreateSecret of a name that exists is ResourceExistsException', async () => {
    const { name } = await createSecret()
    return aws.secrets.send(new CreateSecretCommand({ Name: name, SecretString: 'x' }))
  })

  statement('CreateSecret without a value makes a secret that a later PutSecretValue fills', async () => {
    const { arn, firstVersion } = await createSecret('', { SecretString: undefined })
    const empty = await refusal(read(arn))

    const { VersionId: version = '' } = await put(arn, 'first')

    expect([firstVersion, empty]).toEqual(['', 'ResourceNotFoundException'])
    expect((await read(arn)).SecretString).toBe('first')
    expect(await stagesOf(arn)).toEqual({ [version]: ['AWSCURRENT'] })
  })
})

describe('GetSecretValue', () => {
  statement('GetSecretValue gives the AWSCURRENT version if none is named', async () => {
    const { arn, name, firstVersion } = await createSecret('first')

    const answer = { ARN: arn, Name: name, VersionId: firstVersion, VersionStages: ['AWSCURRENT'] }

    expect(await read(arn)).toMatchObject({ ...answer, SecretString: 'first' })
  })

  statement('GetSecretValue takes the name in place of the ARN', async () => {
    const { name } = await createSecret('first')

    expect((await read(name)).SecretString).toBe('first')
  })

  refused('GetSecretValue of a secret that does not exist is ResourceNotFoundException', () =>
    read(uniqueName('nothing')),
  )

  refused('GetSecretValue of a stage that no version has is ResourceNotFoundException', async () => {
    const { arn } = await createSecret()
    return read(arn, { VersionStage: 'AWSPENDING' })
  })

  refused('GetSecretValue of a version that does not exist is ResourceNotFoundException', async () => {
    const { arn } = await createSecret()
    return read(arn, { VersionId: randomUUID() })
  })
})

describe('GetSecretValue of a version and a stage', () => {
  statement('GetSecretValue takes a version and a stage that it has', async () => {
    const { arn, firstVersion } = await createSecret('first')
    await put(arn, 'second')

    const { SecretString: value } = await read(arn, { VersionId: firstVersion, VersionStage: 'AWSPREVIOUS' })

    expect(value).toBe('first')
  })

  // Recorded in localstack's test_secretsmanager.snapshot.json.
  refused('GetSecretValue of a version and a stage that it does not have is InvalidRequestException', async () => {
    const { arn, firstVersion } = await createSecret('first')
    await put(arn, 'second')
    return read(arn, { VersionId: firstVersion, VersionStage: 'AWSCURRENT' })
  })
})

describe('PutSecretValue', () => {
  statement('PutSecretValue makes a new AWSCURRENT and turns the old one into AWSPREVIOUS', async () => {
    const { arn, firstVersion } = await createSecret('first')

    const { VersionId: secondVersion = '' } = await put(arn, 'second')

    expect((await read(arn)).SecretString).toBe('second')
    expect((await read(arn, { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('first')
    expect(await stagesOf(arn)).toEqual({ [firstVersion]: ['AWSPREVIOUS'], [secondVersion]: ['AWSCURRENT'] })
  })

  statement('PutSecretValue gives the version the id that ClientRequestToken says', async () => {
    const { arn } = await createSecret()
    const token = randomUUID()

    const { VersionId: version } = await put(arn, 'second', { ClientRequestToken: token })

    expect(version).toBe(token)
    expect((await read(arn, { VersionId: token })).SecretString).toBe('second')
  })

  statement('PutSecretValue with the same token and value again changes nothing', async () => {
    const { arn } = await createSecret('first')
    const token = randomUUID()
    await put(arn, 'second', { ClientRequestToken: token })
    const before = await stagesOf(arn)

    const { VersionId: version } = await put(arn, 'second', { ClientRequestToken: token })

    expect(version).toBe(token)
    expect(await stagesOf(arn)).toEqual(before)
  })

  statement('PutSecretValue with the same token and another value is ResourceExistsException', async () => {
    const { arn } = await createSecret('first')
    const token = randomUUID()
    await put(arn, 'second', { ClientRequestToken: token })

    const refused = await refusal(put(arn, 'third', { ClientRequestToken: token }))

    expect(refused).toBe('ResourceExistsException')
    expect((await read(arn)).SecretString).toBe('second')
  })

  statement('PutSecretValue as AWSPENDING leaves AWSCURRENT where it is', async () => {
    const { arn } = await createSecret('first')

    await put(arn, 'second', { VersionStages: ['AWSPENDING'] })

    expect((await read(arn)).SecretString).toBe('first')
    expect((await read(arn, { VersionStage: 'AWSPENDING' })).SecretString).toBe('second')
  })

  refused('PutSecretValue of a secret that does not exist is ResourceNotFoundException', () =>
    put(uniqueName('nothing'), 'x'),
  )
})

describe('UpdateSecretVersionStage', () => {
  const moveBack = (SecretId: string, to: string, from: string): Promise<unknown> =>
    aws.secrets.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: to,
        RemoveFromVersionId: from,
      }),
    )

  statement('AWSCURRENT that is moved back leaves AWSPREVIOUS on the version that it came from', async () => {
    const { arn, firstVersion } = await createSecret('first')
    const { VersionId: second = '' } = await put(arn, 'second')

    await moveBack(arn, firstVersion, second)

    expect(await stagesOf(arn)).toEqual({ [firstVersion]: ['AWSCURRENT'], [second]: ['AWSPREVIOUS'] })
    expect((await read(arn)).SecretString).toBe('first')
    expect((await read(arn, { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('second')
  })

  statement('RemoveFromVersionId of a version that does not have the label is InvalidParameterException', async () => {
    const { arn, firstVersion } = await createSecret('first')
    const { VersionId: second = '' } = await put(arn, 'second')

    const refused = await refusal(moveBack(arn, firstVersion, firstVersion))

    expect(refused).toBe('InvalidParameterException')
    expect(await stagesOf(arn)).toEqual({ [firstVersion]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] })
  })

  statement('UpdateSecretVersionStage moves AWSCURRENT and leaves AWSPREVIOUS behind', async () => {
    const { arn, firstVersion } = await createSecret('first')
    const { VersionId: pending = '' } = await put(arn, 'second', { VersionStages: ['AWSPENDING'] })

    await aws.secrets.send(
      new UpdateSecretVersionStageCommand({
        SecretId: arn,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: pending,
        RemoveFromVersionId: firstVersion,
      }),
    )

    expect((await read(arn)).SecretString).toBe('second')
    expect((await read(arn, { VersionStage: 'AWSPREVIOUS' })).SecretString).toBe('first')
  })

  statement(
    'UpdateSecretVersionStage of a stage in use, without saying whose, is InvalidParameterException',
    async () => {
      const { arn } = await createSecret('first')
      const { VersionId: pending = '' } = await put(arn, 'second', { VersionStages: ['AWSPENDING'] })

      const refused = await refusal(
        aws.secrets.send(
          new UpdateSecretVersionStageCommand({ SecretId: arn, VersionStage: 'AWSCURRENT', MoveToVersionId: pending }),
        ),
      )

      expect(refused).toBe('InvalidParameterException')
      expect((await read(arn)).SecretString).toBe('first')
    },
  )
})

describe('DeleteSecret', () => {
  refused('a secret that waits to be deleted is InvalidRequestException', async () => {
    const { arn } = await createSecret()
    await aws.secrets.send(new DeleteSecretCommand({ SecretId: arn, RecoveryWindowInDays: 7 }))
    return read(arn)
  })

  statement('a secret that waits to be deleted takes no value, and keeps its name, until it is restored', async () => {
    const { arn, name } = await createSecret('first')
    await aws.secrets.send(new DeleteSecretCommand({ SecretId: arn, RecoveryWindowInDays: 7 }))

    expect(await refusal(put(arn, 'second'))).toBe('InvalidRequestException')
    expect(await refusal(aws.secrets.send(new CreateSecretCommand({ Name: name })))).toBe('InvalidRequestException')
    await aws.secrets.send(new RestoreSecretCommand({ SecretId: name }))
    expect((await read(arn)).SecretString).toBe('first')
  })

  // API_DeleteSecret.html, at ForceDeleteWithoutRecovery.
  statement('DeleteSecret without recovery of a secret that does not exist succeeds', async () => {
    const name = uniqueName('nothing')
    const deletion = new DeleteSecretCommand({ SecretId: name, ForceDeleteWithoutRecovery: true })

    const deleted = await aws.secrets.send(deletion)

    expect(deleted).toMatchObject({ Name: name, ARN: expect.stringContaining(name) as string })
    expect(deleted.DeletionDate).toBeInstanceOf(Date)
  })

  refused(
    'DeleteSecret with a recovery window of a secret that does not exist is ResourceNotFoundException',
    async () => {
      const deletion = new DeleteSecretCommand({ SecretId: uniqueName('nothing'), RecoveryWindowInDays: 7 })
      return aws.secrets.send(deletion)
    },
  )

  refused('a secret that was deleted without recovery is ResourceNotFoundException', async () => {
    const { arn } = await createSecret()
    await aws.secrets.send(new DeleteSecretCommand({ SecretId: arn, ForceDeleteWithoutRecovery: true }))
    discard(arn)
    return read(arn)
  })
})
