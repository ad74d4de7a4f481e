import {
  DeleteSecretCommand,
  InvalidRequestException,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
  type SecretListEntry,
} from '@aws-sdk/client-secrets-manager'
import { mockClient } from '#test/support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it } from 'vitest'
import { AwsCallError } from '#infra/cli/drift/aws-call.ts'
import { createUserSecrets, type UserSecrets } from '#infra/cli/drift/user-secrets.ts'
import { newPlaceholder } from '#shared/aws/password-secrets.ts'
import { manualClock } from '#test/support/clock.ts'
import { collect } from './drift-pool.ts'

const secretsManager = mockClient(SecretsManagerClient)
const clock = manualClock(0)
const prefix = 'latchkey-prod/service-users/'
const subOf = (number: number): string => `6f0c8a52-1111-4222-8333-${String(number).padStart(12, '0')}`
const sub = subOf(1)

const secretsOf = (): UserSecrets =>
  createUserSecrets({
    secretsManager: new SecretsManagerClient({ region: 'eu-west-1' }),
    prefix,
    monotonicNow: clock.now,
    sleep: (ms) => {
      clock.advance(ms)
      return Promise.resolve()
    },
  })

const entry = (name: string, changes: Partial<SecretListEntry> = {}): SecretListEntry => ({
  Name: name,
  CreatedDate: new Date(1_000),
  LastChangedDate: new Date(2_000),
  ...changes,
})

const gone = new ResourceNotFoundException({ message: 'No such secret.', $metadata: {} })
const scheduled = new InvalidRequestException({ message: 'Marked for deletion.', $metadata: {} })
const denied = Object.assign(new Error('you may not'), { name: 'AccessDeniedException' })

beforeEach(() => {
  secretsManager.reset()
})

describe('the secrets under the prefix', () => {
  it('come from every page, without those that are scheduled for deletion', async () => {
    secretsManager
      .on(ListSecretsCommand)
      .resolvesOnce({ SecretList: [entry(prefix + subOf(1))], NextToken: 'a' })
      .resolvesOnce({ NextToken: 'b' })
      .resolvesOnce({ SecretList: [entry(prefix + subOf(2), { LastChangedDate: undefined })] })

    const pages = await collect(secretsOf().pages())

    expect(pages.flat()).toEqual([
      { name: prefix + subOf(1), sub: subOf(1), createdAt: 1_000, changedAt: 2_000 },
      { name: prefix + subOf(2), sub: subOf(2), createdAt: 1_000, changedAt: 1_000 },
    ])
    expect(secretsManager.commandCalls(ListSecretsCommand).map(({ args }) => args[0].input)).toEqual(
      [undefined, 'a', 'b'].map((NextToken) => ({
        Filters: [{ Key: 'name', Values: [prefix] }],
        MaxResults: 100,
        NextToken,
      })),
    )
  })

  it.each([
    prefix,
    `${prefix}orders-worker`,
    `${prefix}${sub}/2`,
    `${prefix}x/${sub}`,
    `Latchkey-prod/service-users/${sub}`,
    `other/service-users/${sub}`,
  ])('are none of %s', async (name) => {
    secretsManager.on(ListSecretsCommand).resolves({ SecretList: [entry(name)] })

    expect(await collect(secretsOf().pages())).toEqual([[]])
  })

  it.each([{ Name: undefined }, { CreatedDate: undefined }])('are never judged by half a record: %j', async (half) => {
    secretsManager.on(ListSecretsCommand).resolves({ SecretList: [entry(prefix + sub, half)] })

    await expect(collect(secretsOf().pages())).rejects.toThrow(new AwsCallError('ListSecrets', 'IncompleteSecret'))
  })
})

describe('the versions of a secret', () => {
  const CreatedDate = new Date(3_000)

  it('are found by their labels, on every page', async () => {
    secretsManager
      .on(ListSecretVersionIdsCommand, { SecretId: prefix + sub })
      .resolvesOnce({ Versions: [{ VersionId: 'a', VersionStages: ['AWSPREVIOUS'], CreatedDate }], NextToken: 'n' })
      .resolvesOnce({ Versions: [{ VersionId: 'b', VersionStages: ['x', 'AWSCURRENT'], CreatedDate }] })

    expect(await secretsOf().versions(sub)).toEqual({
      current: { id: 'b', createdAt: 3_000 },
      previous: { id: 'a', createdAt: 3_000 },
    })
  })

  it('are none of those that stand for a turn', async () => {
    const Versions = ['latchkey-turn', 'latchkey-turn-over'].map((stage) => ({
      VersionId: stage,
      VersionStages: [stage],
      CreatedDate,
    }))
    secretsManager.on(ListSecretVersionIdsCommand).resolves({ Versions })

    expect(await secretsOf().versions(sub)).toEqual({ current: undefined, previous: undefined })
  })

  it('do not count the placeholder', async () => {
    const Versions = ['AWSCURRENT', 'AWSPREVIOUS'].map((stage) => ({
      VersionId: newPlaceholder(),
      VersionStages: [stage],
      CreatedDate,
    }))
    secretsManager.on(ListSecretVersionIdsCommand).resolves({ Versions })

    expect(await secretsOf().versions(sub)).toEqual({ current: undefined, previous: undefined })
  })

  it('are undefined when the secret is gone', async () => {
    secretsManager.on(ListSecretVersionIdsCommand).rejects(gone)

    expect(await secretsOf().versions(sub)).toBeUndefined()
  })

  it.each([{ CreatedDate }, { VersionId: 'a' }])('are never judged by half a record: %j', async (half) => {
    const Versions = [{ ...half, VersionStages: ['AWSCURRENT'] }]
    secretsManager.on(ListSecretVersionIdsCommand).resolves({ Versions })

    await expect(secretsOf().versions(sub)).rejects.toThrow(
      new AwsCallError('ListSecretVersionIds', 'IncompleteVersion'),
    )
  })
})

describe('a change of a secret', () => {
  it('moves AWSCURRENT only from the version that was looked at', async () => {
    secretsManager.on(UpdateSecretVersionStageCommand).resolves({})

    await secretsOf().moveBack(sub, { from: { id: 'b', createdAt: 2 }, to: { id: 'a', createdAt: 1 } })

    expect(secretsManager).toHaveReceivedCommandWith(UpdateSecretVersionStageCommand, {
      SecretId: prefix + sub,
      VersionStage: 'AWSCURRENT',
      RemoveFromVersionId: 'b',
      MoveToVersionId: 'a',
    })
  })

  it('schedules a deletion in 30 days, and forces none', async () => {
    secretsManager.on(DeleteSecretCommand).resolves({})

    expect(await secretsOf().scheduleDeletion(sub)).toBe(true)
    expect(secretsManager.commandCalls(DeleteSecretCommand).map(({ args }) => args[0].input)).toEqual([
      { SecretId: prefix + sub, RecoveryWindowInDays: 30 },
    ])
  })

  it.each([gone, scheduled])('schedules nothing that is gone or scheduled already: $name', async (error) => {
    secretsManager.on(DeleteSecretCommand).rejects(error)

    expect(await secretsOf().scheduleDeletion(sub)).toBe(false)
  })

  it('discards by force, whether there is a secret or not', async () => {
    secretsManager.on(DeleteSecretCommand).resolvesOnce({}).rejectsOnce(gone)
    const secrets = secretsOf()

    await secrets.discard(sub)
    await secrets.discard(sub)

    expect(secretsManager).toHaveReceivedNthCommandWith(DeleteSecretCommand, 1, {
      SecretId: prefix + sub,
      ForceDeleteWithoutRecovery: true,
    })
  })
})

const move = { from: { id: 'b', createdAt: 2 }, to: { id: 'a', createdAt: 1 } }

it.each<[string, (secrets: UserSecrets) => Promise<unknown>]>([
  ['ListSecrets', (secrets) => collect(secrets.pages())],
  ['ListSecretVersionIds', (secrets) => secrets.versions(sub)],
  ['UpdateSecretVersionStage', (secrets) => secrets.moveBack(sub, move)],
  ['DeleteSecret', (secrets) => secrets.scheduleDeletion(sub)],
  ['DeleteSecret', (secrets) => secrets.discard(sub)],
])('%s, when it fails, is named with the exception, and AWS’s words beside them', async (operation, call) => {
  secretsManager.onAnyCommand().rejects(denied)

  await expect(call(secretsOf())).rejects.toThrow(new AwsCallError(operation, 'AccessDeniedException', 'you may not'))
})

it.each<[string, number, (secrets: UserSecrets) => Promise<unknown>]>([
  ['lists', 20, (secrets) => collect(secrets.pages())],
  ['lists of versions', 20, (secrets) => secrets.versions(sub)],
  ['deletions', 10, (secrets) => secrets.scheduleDeletion(sub)],
  ['moves', 10, (secrets) => secrets.moveBack(sub, move)],
])('%s are %d a second at most', async (_, perSecond, call) => {
  secretsManager.onAnyCommand().resolves({})
  const secrets = secretsOf()
  const before = clock.now()

  for (let calls = 0; calls <= perSecond; calls += 1) await call(secrets)

  expect(clock.now() - before).toBeCloseTo(1_000)
})
