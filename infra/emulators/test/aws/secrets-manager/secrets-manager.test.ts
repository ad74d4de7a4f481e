import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import { describe, expect, it } from 'vitest'
import { startTestAws, type TestAws } from '../test-aws.ts'

const [v1, v2, v3] = ['1', '2', '3'].map((digit) => digit.repeat(32)) as [string, string, string]
const SecretId = 'app/machine'
const dayMs = 86_400_000

async function startWithSecret(): Promise<TestAws & { arn: string }> {
  const local = await startTestAws()
  const { ARN = '' } = await local.secrets.send(
    new CreateSecretCommand({ Name: SecretId, SecretString: 'one', ClientRequestToken: v1, Description: 'of a test' }),
  )
  return { ...local, arn: ARN }
}

function put({ secrets }: TestAws, token: string, value: string, VersionStages?: string[]): Promise<unknown> {
  return secrets.send(
    new PutSecretValueCommand({ SecretId, ClientRequestToken: token, SecretString: value, VersionStages }),
  )
}

async function stages({ secrets }: TestAws): Promise<unknown> {
  const { VersionIdsToStages } = await secrets.send(new DescribeSecretCommand({ SecretId }))
  return VersionIdsToStages
}

function get({ secrets }: TestAws, wanted: { VersionId?: string; VersionStage?: string } = {}): Promise<unknown> {
  return secrets.send(new GetSecretValueCommand({ SecretId, ...wanted }))
}

describe('CreateSecret', () => {
  it('makes an ARN with six random characters and a first version that is current', async () => {
    const local = await startWithSecret()

    const secret = await local.secrets.send(new DescribeSecretCommand({ SecretId }))

    expect(local.arn).toMatch(/^arn:aws:secretsmanager:us-east-1:123456789012:secret:app\/machine-[0-9A-Za-z]{6}$/)
    expect(secret).toMatchObject({
      ARN: local.arn,
      Name: SecretId,
      Description: 'of a test',
      CreatedDate: new Date(local.clock.now),
      VersionIdsToStages: { [v1]: ['AWSCURRENT'] },
    })
  })

  it('can leave the value for later', async () => {
    const { secrets } = await startTestAws()

    const created = await secrets.send(new CreateSecretCommand({ Name: 'empty' }))

    expect(created.VersionId).toBeUndefined()
    await expect(secrets.send(new GetSecretValueCommand({ SecretId: 'empty' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    })
  })

  it('repeated with the same token and data answers the same, and refuses every other repetition', async () => {
    const local = await startWithSecret()
    const create = (ClientRequestToken: string, SecretString: string): Promise<unknown> =>
      local.secrets.send(new CreateSecretCommand({ Name: SecretId, ClientRequestToken, SecretString }))

    await expect(create(v1, 'one')).resolves.toMatchObject({ ARN: local.arn, VersionId: v1 })
    await expect(create(v1, 'two')).rejects.toMatchObject({ name: 'ResourceExistsException' })
    await expect(create(v2, 'one')).rejects.toMatchObject({ name: 'ResourceExistsException' })
    await expect(get(local)).resolves.toMatchObject({ SecretString: 'one', VersionId: v1 })
  })

  it.each([
    [{ Name: 'x'.repeat(513) }, 'ValidationException'],
    [{ Name: 'x', SecretString: 's', SecretBinary: Buffer.from('s') }, 'InvalidParameterException'],
    [{ Name: 'x', SecretBinary: Buffer.alloc(65_537) }, 'ValidationException'],
    [{ Name: 'x', SecretString: 's', ClientRequestToken: '1'.repeat(31) }, 'ValidationException'],
    [{ Name: 'x', SecretString: 's', ClientRequestToken: '1'.repeat(65) }, 'ValidationException'],
  ])('refuses input outside the model (%#)', async (input, name) => {
    const { secrets } = await startTestAws()

    await expect(secrets.send(new CreateSecretCommand(input))).rejects.toMatchObject({ name })
  })
})

describe('ListSecrets', () => {
  async function listBy(Key: string, ...Values: string[]): Promise<unknown> {
    const { secrets } = await startTestAws()
    for (const [Name, Description, Tag] of [
      ['app/one', 'The first', 'red'],
      ['App/two', 'the second', 'blue'],
      ['three', '', ''],
    ] as const) {
      const Tags = Tag === '' ? [] : [{ Key: `k-${Tag}`, Value: Tag }]
      await secrets.send(new CreateSecretCommand({ Name, Description, Tags }))
    }
    const listed = await secrets.send(new ListSecretsCommand({ Filters: [{ Key: Key as 'name', Values }] }))
    return listed.SecretList?.map(({ Name }) => Name)
  }

  it.each([
    ['name', ['app'], ['app/one']],
    ['name', ['app', 'three'], ['app/one', 'three']],
    ['name', ['!app'], ['App/two', 'three']],
    ['description', ['the'], ['app/one', 'App/two']],
    ['tag-key', ['k-'], ['app/one', 'App/two']],
    ['tag-value', ['re'], ['app/one']],
    ['owning-service', ['rds'], []],
  ])('with filter %s %j finds %j', async (key, values, names) => {
    expect(await listBy(key, ...values)).toEqual(names)
  })

  it.each([
    [{ SortBy: 'name' }, 'InvalidParameterException'],
    [{ SortOrder: 'desc' }, 'InvalidParameterException'],
    [{ NextToken: 'x' }, 'InvalidNextTokenException'],
    [{ MaxResults: 101 }, 'ValidationException'],
    [{ Filters: [{ Key: 'all', Values: ['x'] }] }, 'InvalidParameterException'],
  ] as const)('refuses %j', async (input, name) => {
    const { secrets } = await startWithSecret()

    const call = secrets.send(new ListSecretsCommand(input as ListSecretsCommand['input']))

    await expect(call).rejects.toMatchObject({ name })
  })
})

describe('GetSecretValue', () => {
  it('finds a secret by name, ARN and ARN without the random end', async () => {
    const { secrets, arn } = await startWithSecret()

    const found = await Promise.all(
      [SecretId, arn, arn.slice(0, -7)].map((reference) =>
        secrets.send(new GetSecretValueCommand({ SecretId: reference })),
      ),
    )

    expect(found.map(({ SecretString }) => SecretString)).toEqual(['one', 'one', 'one'])
  })

  it('gives bytes back as bytes', async () => {
    const { secrets } = await startTestAws()
    await secrets.send(new CreateSecretCommand({ Name: 'bytes', SecretBinary: Uint8Array.of(0, 255) }))

    const { SecretBinary, SecretString } = await secrets.send(new GetSecretValueCommand({ SecretId: 'bytes' }))

    expect(SecretBinary).toEqual(Uint8Array.of(0, 255))
    expect(SecretString).toBeUndefined()
  })

  it.each([
    [{ VersionId: v3 }, `VersionId: ${v3}`],
    [{ VersionStage: 'AWSPENDING' }, 'staging label: AWSPENDING'],
  ])('does not find %o', async (wanted, which) => {
    const local = await startWithSecret()

    await expect(get(local, wanted)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Secrets Manager can't find the specified secret value for ${which}`,
    })
  })

  it('does not find a secret that is not there', async () => {
    const { secrets } = await startTestAws()

    await expect(secrets.send(new GetSecretValueCommand({ SecretId }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
    })
  })
})

describe('PutSecretValue', () => {
  it('makes the new version current and the last one previous', async () => {
    const local = await startWithSecret()

    await put(local, v2, 'two')
    await put(local, v3, 'three')

    expect(await stages(local)).toEqual({ [v2]: ['AWSPREVIOUS'], [v3]: ['AWSCURRENT'] })
    await expect(get(local, { VersionId: v1 })).resolves.toMatchObject({ SecretString: 'one', VersionStages: [] })
  })

  it('with stages of its own leaves the current version alone', async () => {
    const local = await startWithSecret()

    await put(local, v2, 'two', ['AWSPENDING'])
    await put(local, v3, 'three', ['AWSPENDING', 'mine'])

    expect(await stages(local)).toEqual({ [v1]: ['AWSCURRENT'], [v3]: ['AWSPENDING', 'mine'] })
  })

  it('makes a first version current whatever its stages', async () => {
    const local = await startTestAws()
    await local.secrets.send(new CreateSecretCommand({ Name: SecretId }))

    await put(local, v1, 'one', ['AWSPENDING'])

    expect(await stages(local)).toEqual({ [v1]: ['AWSPENDING', 'AWSCURRENT'] })
  })

  it('repeated with the same token changes nothing, and is refused with other data', async () => {
    const local = await startWithSecret()
    await put(local, v2, 'two')
    await put(local, v3, 'three')

    await put(local, v2, 'two')
    const refused = put(local, v2, 'other')

    await expect(refused).rejects.toMatchObject({
      name: 'ResourceExistsException',
      message: 'The ClientRequestToken is already in use for a version with other data.',
    })
    expect(await stages(local)).toEqual({ [v2]: ['AWSPREVIOUS'], [v3]: ['AWSCURRENT'] })
  })

  it('needs a value', async () => {
    const { secrets } = await startWithSecret()

    await expect(secrets.send(new PutSecretValueCommand({ SecretId }))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: 'You must provide either SecretString or SecretBinary.',
    })
  })
})

describe('UpdateSecretVersionStage', () => {
  it('moves AWSCURRENT and leaves AWSPREVIOUS behind', async () => {
    const local = await startWithSecret()
    await put(local, v2, 'two', ['AWSPENDING'])

    await local.secrets.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSCURRENT',
        RemoveFromVersionId: v1,
        MoveToVersionId: v2,
      }),
    )

    expect(await stages(local)).toEqual({ [v1]: ['AWSPREVIOUS'], [v2]: ['AWSPENDING', 'AWSCURRENT'] })
  })

  it('goes back to the previous version', async () => {
    const local = await startWithSecret()
    await put(local, v2, 'two')

    await local.secrets.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSCURRENT',
        RemoveFromVersionId: v2,
        MoveToVersionId: v1,
      }),
    )

    expect(await stages(local)).toEqual({ [v1]: ['AWSCURRENT'], [v2]: ['AWSPREVIOUS'] })
  })

  it('takes another stage off for good', async () => {
    const local = await startWithSecret()
    await put(local, v2, 'two', ['AWSPENDING'])

    await local.secrets.send(
      new UpdateSecretVersionStageCommand({ SecretId, VersionStage: 'AWSPENDING', RemoveFromVersionId: v2 }),
    )

    expect(await stages(local)).toEqual({ [v1]: ['AWSCURRENT'] })
  })

  it('puts a new stage on, and is content where it is already', async () => {
    const local = await startWithSecret()
    const move = new UpdateSecretVersionStageCommand({ SecretId, VersionStage: 'mine', MoveToVersionId: v1 })

    await local.secrets.send(move)
    await local.secrets.send(move)

    expect(await stages(local)).toEqual({ [v1]: ['AWSCURRENT', 'mine'] })
  })

  it.each([
    ['without saying whence', { MoveToVersionId: v2 }, /^The parameter RemoveFromVersionId can't be empty/],
    ['from a version that does not have it', { RemoveFromVersionId: v2, MoveToVersionId: v2 }, /not attached to\.$/],
    ['to nowhere', { RemoveFromVersionId: v1 }, /It can't be completely removed\.$/],
  ])('does not move AWSCURRENT %s', async (_what, move, message) => {
    const local = await startWithSecret()
    await put(local, v2, 'two', ['AWSPENDING'])

    const call = local.secrets.send(
      new UpdateSecretVersionStageCommand({ SecretId, VersionStage: 'AWSCURRENT', ...move }),
    )

    await expect(call).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringMatching(message) as string,
    })
    expect(await stages(local)).toEqual({ [v1]: ['AWSCURRENT'], [v2]: ['AWSPENDING'] })
  })

  it('does not move a stage to a version that is not there', async () => {
    const { secrets } = await startWithSecret()

    const call = secrets.send(
      new UpdateSecretVersionStageCommand({
        SecretId,
        VersionStage: 'AWSCURRENT',
        RemoveFromVersionId: v1,
        MoveToVersionId: v3,
      }),
    )

    await expect(call).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })
})

describe('DeleteSecret', () => {
  const marked = "You can't perform this operation on the secret because it was marked for deletion."

  it.each([
    [undefined, 30],
    [7, 7],
  ])('with a window of %s days keeps the secret shut for %i days', async (RecoveryWindowInDays, days) => {
    const local = await startWithSecret()
    const DeletionDate = new Date(local.clock.now + days * dayMs)

    const deleted = await local.secrets.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays }))
    local.clock.now += days * dayMs - 1

    expect(deleted.DeletionDate).toEqual(DeletionDate)
    await expect(get(local)).rejects.toMatchObject({ name: 'InvalidRequestException', message: marked })
    await expect(put(local, v2, 'two')).rejects.toMatchObject({ name: 'InvalidRequestException', message: marked })
    await expect(local.secrets.send(new CreateSecretCommand({ Name: SecretId }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: "You can't create this secret because a secret with this name is already scheduled for deletion.",
    })
    await expect(local.secrets.send(new DescribeSecretCommand({ SecretId }))).resolves.toMatchObject({
      DeletedDate: DeletionDate,
    })
    local.clock.now += 1
    await expect(get(local)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })

  it('by force frees the name at once, for a secret with another ARN', async () => {
    const local = await startWithSecret()

    await local.secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }))
    const { ARN } = await local.secrets.send(new CreateSecretCommand({ Name: SecretId, SecretString: 'new' }))

    expect(ARN).not.toBe(local.arn)
    await expect(get(local)).resolves.toMatchObject({ SecretString: 'new' })
  })

  it('by force of an ARN that nothing has names what it would have been', async () => {
    const { secrets } = await startTestAws()
    const SecretId = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:app/gone-AbCdEf'

    const deleted = await secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }))

    expect(deleted).toMatchObject({ ARN: SecretId, Name: 'app/gone' })
  })

  it('by force ends a recovery window', async () => {
    const local = await startWithSecret()
    await local.secrets.send(new DeleteSecretCommand({ SecretId }))

    await local.secrets.send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true }))

    await expect(get(local)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })

  it.each([
    [{ RecoveryWindowInDays: 6 }, 'InvalidParameterException'],
    [{ RecoveryWindowInDays: 31 }, 'InvalidParameterException'],
    [{ RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true }, 'InvalidParameterException'],
  ])('refuses %o', async (input, name) => {
    const local = await startWithSecret()

    await expect(local.secrets.send(new DeleteSecretCommand({ SecretId, ...input }))).rejects.toMatchObject({ name })
    await expect(get(local)).resolves.toMatchObject({ SecretString: 'one' })
  })
})
