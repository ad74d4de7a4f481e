import { AdminDeleteUserCommand, AdminDisableUserCommand } from '@aws-sdk/client-cognito-identity-provider'
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  type DescribeSecretCommandOutput,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createUserSecrets } from '#infra/cli/drift/user-secrets.ts'
import { newPlaceholder } from '#shared/aws/password-secrets.ts'
import {
  addUser,
  exists,
  hour,
  minute,
  readDriftOf,
  runDriftOn,
  setPassword,
  startDriftPool,
  verdictsOf,
  type DriftPool,
  type DriftRunOptions,
} from '../../unit/infra/cli/drift/drift-pool.ts'
import { incomplete, on, whole } from '../../unit/infra/cli/drift/mixed-pool.ts'

const prefix = 'latchkey-prod/service-users/'
const withSecrets = ['--secrets', prefix]
const repairing = [...withSecrets, '--repair', '--yes']

type SecretPool = DriftPool & { readonly secretsManager: SecretsManagerClient }

/** With one user whose secret is as it should be. */
async function startSecretPool(): Promise<SecretPool> {
  const pool = await startDriftPool()
  const secretsManager = pool.newSecretsClient()
  onTestFinished(() => {
    secretsManager.destroy()
  })
  const withClient = { ...pool, secretsManager }
  await addUserWithPassword(withClient, 'in-order', 90)
  return withClient
}

/** As create-user does it: the secret empty, then the password, and then it is set. Resolves with the user's sub. */
async function addUserWithPassword(pool: SecretPool, username: string, number: number): Promise<string> {
  const sub = await addUser(pool, { ...whole(username, number), finished: false })
  await createSecret(pool, sub)
  await writePassword(pool, sub, 'first')
  await setPassword(pool, username, { permanent: true })
  return sub
}

async function createSecret({ secretsManager }: SecretPool, sub: string): Promise<void> {
  const ClientRequestToken = newPlaceholder()
  await secretsManager.send(
    new CreateSecretCommand({ Name: `${prefix}${sub}`, ClientRequestToken, SecretString: '{}' }),
  )
}

const versionOf = (password: string): string => password.padEnd(32, '-')

async function writePassword({ secretsManager }: SecretPool, sub: string, password: string): Promise<void> {
  const ClientRequestToken = versionOf(password)
  await secretsManager.send(
    new PutSecretValueCommand({ SecretId: `${prefix}${sub}`, ClientRequestToken, SecretString: password }),
  )
}

/** What a reader would sign in with. */
async function currentPassword({ secretsManager }: SecretPool, sub: string): Promise<string | undefined> {
  return (await secretsManager.send(new GetSecretValueCommand({ SecretId: `${prefix}${sub}` }))).SecretString
}

/** Undefined when it is gone for good. */
async function describeSecret(
  { secretsManager }: SecretPool,
  sub: string,
): Promise<DescribeSecretCommandOutput | undefined> {
  return secretsManager.send(new DescribeSecretCommand({ SecretId: `${prefix}${sub}` })).catch(() => undefined)
}

async function deletionDays(pool: SecretPool, sub: string): Promise<number | undefined> {
  const deletedAt = (await describeSecret(pool, sub))?.DeletedDate?.getTime()
  return deletedAt === undefined ? undefined : (deletedAt - pool.clock.now()) / (24 * hour)
}

/** A secret whose user somebody deleted past Latchkey. */
async function addOrphan(pool: SecretPool, username = 'orphan', number = 1): Promise<string> {
  const sub = await addUserWithPassword(pool, username, number)
  await pool.cognito.send(new AdminDeleteUserCommand(on(pool, sub)))
  return sub
}

/** A user with another password written an hour later, and never set. */
async function addUnset(pool: SecretPool, username = 'unset', number = 2): Promise<string> {
  const sub = await addUserWithPassword(pool, username, number)
  pool.clock.advance(hour)
  await writePassword(pool, sub, 'second')
  return sub
}

async function secretsOf(
  pool: SecretPool,
  args: readonly string[] = withSecrets,
  options: DriftRunOptions = {},
): Promise<{
  readonly exitCode: number
  readonly stderr: string
  readonly secrets: readonly Readonly<Record<string, unknown>>[]
  readonly repairs: readonly Readonly<Record<string, unknown>>[]
  readonly summary: unknown
}> {
  const { exitCode, stderr, document } = await readDriftOf(pool, args, options)
  const { secrets, repairs, summary } = document
  return { exitCode, stderr, secrets, repairs, summary: summary['secrets'] }
}

const operationsSince = (pool: DriftPool, before: number): string[] =>
  [...new Set(pool.aws.calls.slice(before).map(({ operation }) => operation))].sort()

describe('npm run drift, of secrets', () => {
  it('finds nothing at a user whose password was written and set', async () => {
    const pool = await startSecretPool()
    pool.clock.advance(2 * hour)

    const { exitCode, secrets, summary } = await secretsOf(pool)
    const { stdout } = await runDriftOn(pool, withSecrets)

    expect(secrets).toEqual([])
    expect(summary).toEqual({ seen: 1, drifted: 0, repairable: 0, repaired: 0, failed: 0, left: 0 })
    expect(exitCode).toBe(0)
    expect(stdout).toMatch(/\nNothing drifted among 1 secret\.\n$/)
  })

  it('finds nothing at a user whose last reset took its turn and got no further', async () => {
    const pool = await startSecretPool()
    const sub = await addUserWithPassword(pool, 'turn', 2)
    pool.clock.advance(hour)
    const turn = { ClientRequestToken: versionOf('turn'), SecretString: '{}', VersionStages: ['latchkey-turn'] }
    await pool.secretsManager.send(new PutSecretValueCommand({ SecretId: `${prefix}${sub}`, ...turn }))
    pool.clock.advance(2 * hour)

    expect(await secretsOf(pool)).toMatchObject({ exitCode: 0, secrets: [] })
  })

  it('without a prefix looks at none, and says so', async () => {
    const pool = await startSecretPool()
    await addOrphan(pool)
    pool.clock.advance(2 * hour)
    const before = pool.aws.calls.length

    const { exitCode, secrets, summary } = await secretsOf(pool, ['--repair', '--yes'])

    expect({ exitCode, secrets, summary }).toEqual({ exitCode: 0, secrets: [], summary: null })
    expect(operationsSince(pool, before)).toEqual(['ListUsers', 'ListUsersInGroup'])
  })

  it('takes the prefix from the environment, too', async () => {
    const pool = await startSecretPool()

    const { summary } = await secretsOf(pool, [], { environment: { PASSWORD_SECRETS_PREFIX: prefix } })

    expect(summary).toMatchObject({ seen: 1 })
  })

  it('describes each by stable fields, changes nothing, and reads no value', async () => {
    const pool = await startSecretPool()
    const orphan = await addOrphan(pool)
    const unset = await addUnset(pool)
    pool.clock.advance(2 * hour)
    const before = pool.aws.calls.length

    const { exitCode, secrets, summary } = await secretsOf(pool)

    expect(secrets).toEqual([
      {
        name: `${prefix}${unset}`,
        sub: unset,
        username: 'unset',
        problem: 'password_not_set',
        created_at: '2026-01-01T01:00:00.000Z',
        age_seconds: 7200,
        verdict: 'repairable',
        reason: null,
      },
      {
        name: `${prefix}${orphan}`,
        sub: orphan,
        username: null,
        problem: 'without_user',
        created_at: '2026-01-01T00:00:00.000Z',
        age_seconds: 10_800,
        verdict: 'repairable',
        reason: null,
      },
    ])
    expect(summary).toEqual({ seen: 3, drifted: 2, repairable: 2, repaired: 0, failed: 0, left: 2 })
    expect(exitCode).toBe(1)
    expect(operationsSince(pool, before)).toEqual([
      'ListSecretVersionIds',
      'ListSecrets',
      'ListUsers',
      'ListUsersInGroup',
    ])
    expect(pool.aws.calls.slice(before).filter(({ operation }) => operation === 'ListSecretVersionIds')).toHaveLength(1)
  })

  it('is a second table, and a second line of the summary', async () => {
    const pool = await startSecretPool()
    await addUser(pool, incomplete('stuck', 5))
    const unset = await addUnset(pool)
    const orphan = await addOrphan(pool)
    pool.clock.advance(hour)

    const { stdout } = await runDriftOn(pool, withSecrets)

    const lines = stdout.split('\n')
    expect(lines[0]).toMatch(/^USERNAME /)
    expect(lines.slice(2, 6)).toEqual([
      '',
      expect.stringMatching(/^SECRET OF +VERDICT +AGE +PROBLEM +USERNAME$/),
      expect.stringMatching(new RegExp(`^${unset} +left alone: too recent +1h +password not set +unset$`)),
      expect.stringMatching(new RegExp(`^${orphan} +left alone: too recent +1h +without a user +-$`)),
    ])
    expect(stdout).toMatch(/\n2 drifted among 3 secrets: 0 repairable, 2 left alone\.\n$/)
  })

  it('leaves out what is younger than --older-than, which then does not count', async () => {
    const pool = await startSecretPool()
    await addUnset(pool)
    pool.clock.advance(5 * minute)

    const some = await secretsOf(pool, [...withSecrets, '--older-than', '5'])
    const none = await secretsOf(pool, [...withSecrets, '--older-than', '6'])

    expect(some.secrets).toMatchObject([{ reason: 'too_recent' }])
    expect(none).toMatchObject({ exitCode: 0, secrets: [] })
  })

  it('breaks off where the list is refused, and ends with 3', async () => {
    const pool = await startSecretPool()
    pool.aws.setFaults([{ operation: 'ListSecrets', kind: 'access_denied', when: 'before', calls: { nth: 1 } }])

    const { exitCode, document } = await readDriftOf(pool, repairing)

    expect(exitCode).toBe(3)
    expect(document.summary).toMatchObject({
      users_seen: 0,
      secrets: { seen: 0 },
      broken_off: { operation: 'ListSecrets', reason: 'AccessDeniedException' },
    })
  })
})

describe('npm run drift -- --repair, of a secret without a user', () => {
  it('schedules it for deletion in 30 days a millisecond after the 61 minutes, and not before', async () => {
    const pool = await startSecretPool()
    const orphan = await addOrphan(pool)

    pool.clock.advance(61 * minute)
    const before = await secretsOf(pool, repairing)
    pool.clock.advance(1)
    const after = await secretsOf(pool, repairing)

    expect(before.secrets).toMatchObject([{ verdict: 'left_alone', reason: 'too_recent' }])
    expect(before.exitCode).toBe(1)
    expect(after.repairs).toEqual([
      { sub: orphan, problem: 'without_user', outcome: 'scheduled', reason: null, operation: null },
    ])
    expect(after.summary).toMatchObject({ repaired: 1, failed: 0, left: 0 })
    expect(after.exitCode).toBe(0)
    expect(await deletionDays(pool, orphan)).toBe(30)
    expect(JSON.parse(after.stderr)).toMatchObject({
      message: 'secret without a user scheduled for deletion',
      sub: orphan,
      outcome: 'scheduled',
    })
  })

  it('finds none that is scheduled already', async () => {
    const pool = await startSecretPool()
    const orphan = await addOrphan(pool)
    pool.clock.advance(2 * hour)
    await secretsOf(pool, repairing)

    const { exitCode, secrets } = await secretsOf(pool, repairing)

    expect({ exitCode, secrets }).toEqual({ exitCode: 0, secrets: [] })
    expect(await deletionDays(pool, orphan)).toBe(30)
  })

  it('touches no other secret under the prefix', async () => {
    const pool = await startSecretPool()
    const SecretString = 'another’s'
    await pool.secretsManager.send(new CreateSecretCommand({ Name: `${prefix}by-hand`, SecretString }))
    pool.clock.advance(2 * hour)

    expect(await secretsOf(pool, repairing)).toMatchObject({ exitCode: 0, secrets: [], summary: { seen: 1 } })
  })

  it('leaves all alone where none belongs to the pool: they are another stack’s', async () => {
    const [pool, another] = [await startSecretPool(), await startDriftPool()]
    pool.clock.advance(2 * hour)
    another.clock.advance(2 * hour)

    const run = await secretsOf(
      { ...another, ...pool, poolId: another.poolId, newClient: another.newClient },
      repairing,
    )

    expect(run.secrets).toMatchObject([{ verdict: 'left_alone', reason: 'no_secret_of_this_pool' }])
    expect(run).toMatchObject({ exitCode: 1, repairs: [] })
  })

  it('does nothing about one that is scheduled between the listing and the repair', async () => {
    const pool = await startSecretPool()
    const orphan = await addOrphan(pool)
    pool.clock.advance(2 * hour)

    const { exitCode, repairs } = await secretsOf(pool, [...withSecrets, '--repair'], {
      onQuestion: async () => {
        const SecretId = `${prefix}${orphan}`
        await pool.secretsManager.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }))
        return 'yes\n'
      },
    })

    expect(repairs).toMatchObject([{ outcome: 'gone' }])
    expect(exitCode).toBe(0)
    expect(await deletionDays(pool, orphan)).toBe(7)
  })
})

describe('npm run drift -- --repair, of a password that was not set', () => {
  it('moves the secret back to the one that is, a millisecond after the 61 minutes and not before', async () => {
    const pool = await startSecretPool()
    const unset = await addUnset(pool)

    pool.clock.advance(61 * minute)
    const before = await secretsOf(pool, repairing)
    pool.clock.advance(1)
    const after = await secretsOf(pool, repairing)
    const clean = await secretsOf(pool)

    expect(before.secrets).toMatchObject([{ verdict: 'left_alone', reason: 'too_recent' }])
    expect(after.repairs).toEqual([
      { sub: unset, problem: 'password_not_set', outcome: 'moved_back', reason: null, operation: null },
    ])
    expect(JSON.parse(after.stderr)).toMatchObject({
      message: 'secret moved back to the password that is set',
      sub: unset,
      outcome: 'moved_back',
    })
    expect([before.exitCode, after.exitCode, clean.exitCode]).toEqual([1, 0, 0])
    expect(await currentPassword(pool, unset)).toBe('first')
  })

  it('leaves one alone before which there is the placeholder alone', async () => {
    const pool = await startSecretPool()
    const sub = await addUser(pool, whole('given', 3))
    pool.clock.advance(hour)
    await createSecret(pool, sub)
    const placeholderOnly = await secretsOf(pool)
    await writePassword(pool, sub, 'only')
    pool.clock.advance(2 * hour)

    const { exitCode, secrets, repairs } = await secretsOf(pool, repairing)

    expect(placeholderOnly.secrets).toEqual([])
    expect(secrets).toMatchObject([{ username: 'given', verdict: 'left_alone', reason: 'no_earlier_password' }])
    expect(repairs).toEqual([])
    expect(exitCode).toBe(1)
    expect(await currentPassword(pool, sub)).toBe('only')
  })

  it('leaves one alone before which there is another that was not set', async () => {
    const pool = await startSecretPool()
    const unset = await addUnset(pool)
    pool.clock.advance(minute)
    await writePassword(pool, unset, 'third')
    pool.clock.advance(2 * hour)

    expect((await secretsOf(pool, repairing)).secrets).toMatchObject([{ reason: 'no_earlier_password' }])
  })

  const setIt = (pool: SecretPool) => setPassword(pool, 'unset', { permanent: true })
  const disable = (pool: SecretPool) => pool.cognito.send(new AdminDisableUserCommand(on(pool, 'unset')))
  const remove = (pool: SecretPool) => pool.cognito.send(new AdminDeleteUserCommand(on(pool, 'unset')))
  const writeAnother = (pool: SecretPool, sub: string) => writePassword(pool, sub, 'third')

  it.each<[string, (pool: SecretPool, sub: string) => Promise<unknown>, object, string]>([
    ['set', setIt, { outcome: 'finished' }, 'second'],
    ['followed by a change of its user', disable, { outcome: 'finished' }, 'second'],
    ['left by its user', remove, { outcome: 'gone' }, 'second'],
    ['followed by another', writeAnother, { outcome: 'left_alone', reason: 'too_recent' }, 'third'],
  ])('does nothing about one that is %s between the listing and the repair', async (_, change, outcome, current) => {
    const pool = await startSecretPool()
    const unset = await addUnset(pool)
    pool.clock.advance(2 * hour)

    const { repairs } = await secretsOf(pool, [...withSecrets, '--repair'], {
      onQuestion: async () => {
        await change(pool, unset)
        return 'yes\n'
      },
    })

    expect(repairs).toMatchObject([outcome])
    expect(await currentPassword(pool, unset)).toBe(current)
  })
})

it('a secret that was written to after the last look is not moved back', async () => {
  const pool = await startSecretPool()
  const sub = await addUnset(pool)
  const secrets = createUserSecrets({
    secretsManager: pool.secretsManager,
    prefix,
    monotonicNow: pool.clock.now,
    sleep: () => Promise.resolve(),
  })
  const { current: from = expect.fail(), previous: to = expect.fail() } = (await secrets.versions(sub)) ?? {}
  await writePassword(pool, sub, 'third')

  await expect(secrets.moveBack(sub, { from, to })).rejects.toMatchObject({ reason: 'InvalidParameterException' })

  expect(await currentPassword(pool, sub)).toBe('third')
})

describe('npm run drift -- --repair, of secrets', () => {
  it('asks for all that it would do', async () => {
    const pool = await startSecretPool()
    await addUser(pool, incomplete('stuck', 5))
    await addOrphan(pool)
    await addUnset(pool, 'unset-1', 6)
    await addUnset(pool, 'unset-2', 7)
    pool.clock.advance(2 * hour)
    const questions: string[] = []

    const { stdout } = await runDriftOn(pool, [...withSecrets, '--repair'], {
      onQuestion: (question) => {
        questions.push(question)
        return 'yes\n'
      },
    })

    expect(questions).toEqual([
      `Remove 1 incomplete user from ${pool.poolId}, schedule 1 secret under ${prefix} for deletion, ` +
        `move 2 secrets under ${prefix} back to the password that is set? Type yes: `,
    ])
    expect(stdout).toMatch(/ {2}removed\n.+ {2}moved back to the password that is set\n/)
    expect(stdout).toContain('  scheduled for deletion\n')
    expect(stdout).toMatch(/\n3 drifted among 4 secrets: 3 repairable, 0 left alone, 3 repaired, 0 failed, 0 left\.\n$/)
  })

  it('goes on after a failure, reports it, and ends with 3', async () => {
    const pool = await startSecretPool()
    const unset = [await addUnset(pool, 'unset-1', 1), await addUnset(pool, 'unset-2', 2)]
    const orphan = await addOrphan(pool)
    pool.clock.advance(2 * hour)
    pool.aws.setFaults([
      { operation: 'UpdateSecretVersionStage', kind: 'access_denied', when: 'before', calls: { nth: 1 } },
    ])

    const { exitCode, repairs, summary, stderr } = await secretsOf(pool, repairing)

    const failure = { outcome: 'failed', operation: 'UpdateSecretVersionStage', reason: 'AccessDeniedException' }
    expect(repairs).toMatchObject([
      { sub: unset[0], ...failure, message: 'The caller is not authorized to perform this operation.' },
      { sub: unset[1], outcome: 'moved_back' },
      { sub: orphan, outcome: 'scheduled' },
    ])
    expect(summary).toMatchObject({ repaired: 2, failed: 1, left: 1 })
    expect(exitCode).toBe(3)
    expect(JSON.parse(stderr.split('\n')[0] ?? '')).toMatchObject({
      level: 'ERROR',
      message: 'secret not repaired',
      sub: unset[0],
      error_name: 'AccessDeniedException',
    })
  })

  it('reads no value', async () => {
    const pool = await startSecretPool()
    await addUser(pool, incomplete('stuck', 5))
    await addOrphan(pool)
    await addUnset(pool)
    pool.clock.advance(2 * hour)
    const before = pool.aws.calls.length

    await secretsOf(pool, repairing)

    expect(operationsSince(pool, before)).toEqual([
      'AdminDeleteUser',
      'AdminGetUser',
      'AdminListGroupsForUser',
      'DeleteSecret',
      'ListSecretVersionIds',
      'ListSecrets',
      'ListUsers',
      'ListUsersInGroup',
      'UpdateSecretVersionStage',
    ])
  })
})

describe('npm run drift -- --repair, of an incomplete user with a secret', () => {
  async function addIncomplete(pool: SecretPool): Promise<string> {
    const sub = await addUser(pool, incomplete('stuck', 5))
    await createSecret(pool, sub)
    await writePassword(pool, sub, 'first')
    pool.clock.advance(2 * hour)
    return sub
  }

  it('finds the user alone, and removes its secret first and for good', async () => {
    const pool = await startSecretPool()
    const sub = await addIncomplete(pool)
    const before = pool.aws.calls.length

    const { exitCode, document } = await readDriftOf(pool, repairing)

    expect(verdictsOf(document)).toEqual({ stuck: 'repairable' })
    expect(document.secrets).toEqual([])
    expect(document.repairs).toMatchObject([{ sub, outcome: 'removed' }])
    expect(exitCode).toBe(0)
    const writes = pool.aws.calls.slice(before).filter(({ operation }) => operation.includes('Delete'))
    expect(writes.map(({ operation }) => operation)).toEqual(['DeleteSecret', 'AdminDeleteUser'])
    await expect(
      pool.secretsManager.send(new RestoreSecretCommand({ SecretId: `${prefix}${sub}` })),
    ).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  })

  it('leaves the user where its secret cannot be removed, so that both are found again', async () => {
    const pool = await startSecretPool()
    const sub = await addIncomplete(pool)
    pool.aws.setFaults([{ operation: 'DeleteSecret', kind: 'access_denied', when: 'before', calls: { nth: 1 } }])

    const { exitCode, document } = await readDriftOf(pool, repairing)

    expect(document.repairs).toMatchObject([{ sub, outcome: 'failed', operation: 'DeleteSecret' }])
    expect(exitCode).toBe(3)
    expect(await exists(pool, 'stuck')).toBe(true)
  })
})
