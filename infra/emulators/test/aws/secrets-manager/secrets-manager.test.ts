import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import { describe, expect, it } from 'vitest'
import { refusal, startTestAws, type TestAws } from '../test-aws.ts'

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
  return (await secrets.send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages
}

function get({ secrets }: TestAws, wanted: { SecretId?: string; VersionId?: string } = {}) {
  return secrets.send(new GetSecretValueCommand({ SecretId, ...wanted }))
}

describe('CreateSecret', () => {
  it('describes what it was given', async () => {
    const { clock, secrets, arn } = await startWithSecret()

    expect(await secrets.send(new DescribeSecretCommand({ SecretId }))).toMatchObject({
      ARN: arn,
      Name: SecretId,
      Description: 'of a test',
      CreatedDate: new Date(clock.now),
    })
  })

  it('can leave the value for later, whose stages are then current besides', async () => {
    const local = await startTestAws()
    const KmsKeyId = 'alias/one'
    const created = await local.secrets.send(new CreateSecretCommand({ Name: SecretId, KmsKeyId }))
    const empty = await refusal(get(local))

    await put(local, v1, 'one', ['AWSPENDING'])

    expect(created.VersionId).toBeUndefined()
    expect(empty).toMatch(/^ResourceNotFoundException: .* staging label: AWSCURRENT$/)
    expect(await stages(local)).toEqual({ [v1]: ['AWSPENDING', 'AWSCURRENT'] })
    await expect(local.secrets.send(new DescribeSecretCommand({ SecretId }))).resolves.toMatchObject({ KmsKeyId })
  })

  it('repeated with the same token and data answers the same, and refuses every other repetition', async () => {
    const local = await startWithSecret()
    const create = (ClientRequestToken: string, SecretString: string) =>
      local.secrets.send(new CreateSecretCommand({ Name: SecretId, ClientRequestToken, SecretString }))

    await expect(create(v1, 'one')).resolves.toMatchObject({ ARN: local.arn, VersionId: v1 })
    expect(await refusal(create(v1, 'two'))).toMatch(/^ResourceExistsException/)
    expect(await refusal(create(v2, 'one'))).toMatch(/^ResourceExistsException/)
    await expect(get(local)).resolves.toMatchObject({ SecretString: 'one', VersionId: v1 })
  })

  it.each([
    [{ Name: 'x'.repeat(513) }, /^ValidationException/],
    [{ Name: 'x', SecretBinary: Buffer.from('s') }, /^InvalidParameterException/],
    [{ Name: 'x', SecretString: 's', ClientRequestToken: '1'.repeat(31) }, /^ValidationException/],
    [{ Name: 'x', SecretString: 's', ClientRequestToken: '1'.repeat(65) }, /^ValidationException/],
  ])('refuses input outside the model (%#)', async (input, error) => {
    const { secrets } = await startTestAws()

    expect(await refusal(secrets.send(new CreateSecretCommand(input)))).toMatch(error)
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
  it('finds a secret by its ARN without the random end, and a version without a label', async () => {
    const local = await startWithSecret()
    await put(local, v2, 'two')
    await put(local, v3, 'three')

    await expect(get(local, { SecretId: local.arn.slice(0, -7) })).resolves.toMatchObject({ SecretString: 'three' })
    await expect(get(local, { VersionId: v1 })).resolves.toMatchObject({ SecretString: 'one', VersionStages: [] })
  })
})

describe('PutSecretValue', () => {
  it('moves a stage of its own from version to version', async () => {
    const local = await startWithSecret()

    await put(local, v2, 'two', ['AWSPENDING'])
    await put(local, v3, 'three', ['AWSPENDING', 'mine'])

    expect(await stages(local)).toEqual({ [v1]: ['AWSCURRENT'], [v3]: ['AWSPENDING', 'mine'] })
  })

  it('needs a value', async () => {
    const { secrets } = await startWithSecret()

    const call = secrets.send(new PutSecretValueCommand({ SecretId }))

    expect(await refusal(call)).toMatch(/You must provide either SecretString or SecretBinary\.$/)
  })
})

describe('UpdateSecretVersionStage', () => {
  async function move(VersionStage: string, from: string | undefined, to: string | undefined) {
    const local = await startWithSecret()
    await put(local, v2, 'two', ['AWSPENDING'])
    const input = { SecretId, VersionStage, RemoveFromVersionId: from, MoveToVersionId: to }
    const outcome = await refusal(local.secrets.send(new UpdateSecretVersionStageCommand(input)))
    return { outcome, stages: await stages(local) }
  }

  it.each([
    ['AWSPENDING', v2, undefined, { [v1]: ['AWSCURRENT'] }],
    ['mine', undefined, v1, { [v1]: ['AWSCURRENT', 'mine'], [v2]: ['AWSPENDING'] }],
    ['AWSCURRENT', undefined, v1, { [v1]: ['AWSCURRENT'], [v2]: ['AWSPENDING'] }],
  ])('of %s from %s to %s succeeds', async (stage, from, to, expected) => {
    expect(await move(stage, from, to)).toEqual({ outcome: 'none', stages: expected })
  })

  it.each([
    [v2, v2, /^InvalidParameterException: .*not attached to\.$/],
    [v1, undefined, /^InvalidParameterException: .*It can't be completely removed\.$/],
    [v1, v3, /^ResourceNotFoundException/],
  ])('of AWSCURRENT from %s to %s is refused', async (from, to, error) => {
    const { outcome, stages } = await move('AWSCURRENT', from, to)

    expect(outcome).toMatch(error)
    expect(stages).toEqual({ [v1]: ['AWSCURRENT'], [v2]: ['AWSPENDING'] })
  })
})

describe('ListSecretVersionIds', () => {
  async function startWithThree(): Promise<TestAws> {
    const local = await startWithSecret()
    for (const token of [v2, v3]) {
      local.clock.now += 1000
      await put(local, token, token)
    }
    return local
  }

  it('shows versions without a label on demand, with the key that they are sealed under', async () => {
    const { clock, secrets } = await startWithThree()

    const { Versions } = await secrets.send(new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated: true }))

    const KmsKeyIds = ['DefaultEncryptionKey']
    expect(Versions).toEqual([
      { VersionId: v1, CreatedDate: new Date(clock.now - 2000), KmsKeyIds },
      { VersionId: v2, VersionStages: ['AWSPREVIOUS'], CreatedDate: new Date(clock.now - 1000), KmsKeyIds },
      { VersionId: v3, VersionStages: ['AWSCURRENT'], CreatedDate: new Date(clock.now), KmsKeyIds },
    ])
  })

  it('comes in pages, each of which belongs to its list', async () => {
    const { secrets } = await startWithThree()
    const list = (input: { IncludeDeprecated?: boolean; NextToken?: string | undefined }) =>
      secrets.send(new ListSecretVersionIdsCommand({ SecretId, MaxResults: 1, ...input }))

    const { NextToken, Versions: first } = await list({})
    const second = await list({ NextToken })

    expect([first, second.Versions].flat().map((version) => version?.VersionId)).toEqual([v2, v3])
    expect(second.NextToken).toBeUndefined()
    expect(await refusal(list({ NextToken, IncludeDeprecated: true }))).toMatch(/^InvalidNextTokenException/)
  })
})

describe('DeleteSecret', () => {
  it.each([
    [undefined, 30],
    [7, 7],
  ])('with a window of %s days keeps the secret shut for %i days', async (RecoveryWindowInDays, days) => {
    const local = await startWithSecret()
    const DeletionDate = new Date(local.clock.now + days * dayMs)
    const create = () => local.secrets.send(new CreateSecretCommand({ Name: SecretId }))

    const deleted = await local.secrets.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays }))
    local.clock.now += days * dayMs - 1

    expect(deleted.DeletionDate).toEqual(DeletionDate)
    for (const call of [
      get(local),
      put(local, v2, 'two'),
      local.secrets.send(new UpdateSecretVersionStageCommand({ SecretId, VersionStage: 'mine', MoveToVersionId: v1 })),
      local.secrets.send(new RotateSecretCommand({ SecretId })),
      local.secrets.send(new CancelRotateSecretCommand({ SecretId })),
      local.secrets.send(new DeleteSecretCommand({ SecretId })),
    ]) {
      expect(await refusal(call)).toMatch(/^InvalidRequestException: .* it was marked for deletion\.$/)
    }
    expect(await refusal(create())).toMatch(/a secret with this name is already scheduled for deletion\.$/)
    const described = local.secrets.send(new DescribeSecretCommand({ SecretId }))
    await expect(described).resolves.toMatchObject({ DeletedDate: DeletionDate })
    local.clock.now += 1
    expect(await refusal(get(local))).toMatch(/^ResourceNotFoundException/)
  })

  it('with a window is undone by RestoreSecret', async () => {
    const local = await startWithSecret()
    await local.secrets.send(new DeleteSecretCommand({ SecretId }))

    const restored = await local.secrets.send(new RestoreSecretCommand({ SecretId }))
    local.clock.now += 31 * dayMs

    expect(restored).toMatchObject({ ARN: local.arn, Name: SecretId })
    await expect(get(local)).resolves.toMatchObject({ SecretString: 'one' })
  })

  it('by force ends a recovery window, and frees the name for a secret with another ARN', async () => {
    const local = await startWithSecret()
    await local.secrets.send(new DeleteSecretCommand({ SecretId }))

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

  it.each([
    { RecoveryWindowInDays: 6 },
    { RecoveryWindowInDays: 31 },
    { RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true },
  ])('refuses %o', async (input) => {
    const local = await startWithSecret()

    const call = local.secrets.send(new DeleteSecretCommand({ SecretId, ...input }))

    expect(await refusal(call)).toMatch(/^InvalidParameterException/)
    expect(await refusal(get(local))).toBe('none')
  })
})
