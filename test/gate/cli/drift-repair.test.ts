import {
  AdminDeleteUserCommand,
  AdminDisableUserCommand,
  AdminEnableUserCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect, it } from 'vitest'
import {
  addUser,
  exists,
  hour,
  minute,
  provisioningIdOf,
  readDriftOf,
  runDriftOn,
  setPassword,
  startDriftPool,
  verdictsOf,
  type DriftPool,
} from '../../unit/infra/cli/drift/drift-pool.ts'
import { incomplete, mixedVerdicts, on, startMixedPool } from '../../unit/infra/cli/drift/mixed-pool.ts'

const auditLines = (stderr: string): Record<string, unknown>[] =>
  stderr
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)

describe('npm run drift -- --repair', () => {
  it('removes what is repairable and nothing else', async () => {
    const pool = await startMixedPool()

    const { exitCode, document, stderr } = await readDriftOf(pool, ['--repair', '--yes'])

    const { stuck, 'stuck-in-group': stuckInGroup, ...left } = mixedVerdicts
    expect([stuck, stuckInGroup]).toEqual(['repairable', 'repairable'])
    expect(document.repairs.map(({ outcome }) => outcome)).toEqual(['removed', 'removed'])
    expect(document.summary).toMatchObject({ removed: 2, failed: 0, left: 6 })
    expect(exitCode).toBe(1)
    const after = await readDriftOf(pool)
    expect(verdictsOf(after.document)).toEqual(left)
    expect(after.document.summary).toMatchObject({ users_seen: 11 })
    expect(auditLines(stderr)).toEqual(
      document.users
        .filter(({ verdict }) => verdict === 'repairable')
        .map(({ sub, provisioning_id }) => ({
          level: 'INFO',
          message: 'half-made user removed',
          timestamp: '2026-01-01T02:00:00.000Z',
          service: 'drift',
          sub,
          provisioning_id,
          outcome: 'removed',
        })),
    )
  })

  it('removes a user a millisecond after a repeat could last finish it, and not before', async () => {
    const pool = await startDriftPool()
    await addUser(pool, incomplete('stuck'))

    pool.clock.advance(61 * minute)
    const before = await readDriftOf(pool, ['--repair', '--yes'])
    pool.clock.advance(1)
    const after = await readDriftOf(pool, ['--repair', '--yes'])

    expect(before.document.users[0]).toMatchObject({ verdict: 'left_alone', reason: 'too_recent' })
    expect([before.exitCode, after.exitCode]).toEqual([1, 0])
    expect(after.document.repairs).toMatchObject([{ outcome: 'removed', reason: null, operation: null }])
    expect(await exists(pool, 'stuck')).toBe(false)
  })

  it('does not touch a namesake that was made in the place of the user that it listed', async () => {
    const pool = await startDriftPool()
    const sub = await addUser(pool, incomplete('stuck'))
    pool.clock.advance(2 * hour)

    const { exitCode } = await runDriftOn(pool, ['--repair'], {
      onQuestion: async () => {
        await pool.cognito.send(new AdminDeleteUserCommand(on(pool, sub)))
        await addUser(pool, incomplete('stuck', 2))
        pool.clock.advance(2 * hour)
        return 'yes\n'
      },
    })

    expect(exitCode).toBe(0)
    expect(await exists(pool, 'stuck')).toBe(true)
  })

  it('asks with the count, and removes after a yes', async () => {
    const pool = await startMixedPool()
    const questions: string[] = []

    const { stdout } = await runDriftOn(pool, ['--repair'], {
      onQuestion: (question) => {
        questions.push(question)
        return 'yes\n'
      },
    })

    expect(questions).toEqual([`Remove 2 incomplete users from ${pool.poolId}? Type yes: `])
    expect(stdout).toContain('2 removed, 0 failed, 6 left.')
  })

  it.each(['no\n', 'y\n', '\n', 'YES please\n'])('removes nobody when the answer is %j', async (answer) => {
    const pool = await startDriftPool()
    await addUser(pool, incomplete('stuck'))
    pool.clock.advance(2 * hour)

    const { exitCode, stderr } = await runDriftOn(pool, ['--repair'], { onQuestion: () => answer })

    expect(exitCode).toBe(1)
    expect(stderr).toContain('Remove 1 incomplete user from ')
    expect(await exists(pool, 'stuck')).toBe(true)
  })

  it('without a terminal and without --yes refuses before any call', async () => {
    const pool = await startDriftPool()
    const before = pool.aws.calls.length

    const { exitCode, stdout, stderr } = await runDriftOn(pool, ['--repair'])

    expect(exitCode).toBe(2)
    expect(stdout).toBe('')
    expect(stderr).toBe('--repair asks before it changes anything, and there is no terminal to ask on. See --yes.\n')
    expect(pool.aws.calls).toHaveLength(before)
  })

  const remove = (pool: DriftPool) => pool.cognito.send(new AdminDeleteUserCommand(on(pool, 'stuck')))
  const disable = (pool: DriftPool) => pool.cognito.send(new AdminDisableUserCommand(on(pool, 'stuck')))
  const enable = (pool: DriftPool) => pool.cognito.send(new AdminEnableUserCommand(on(pool, 'stuck')))
  const finish = (pool: DriftPool) => setPassword(pool, 'stuck', { permanent: true })

  it.each<[string, (pool: DriftPool) => Promise<unknown>, { outcome: string; reason: string | null }, number]>([
    ['deleted', remove, { outcome: 'gone', reason: null }, 0],
    ['finished', finish, { outcome: 'finished', reason: null }, 0],
    ['disabled', disable, { outcome: 'left_alone', reason: 'disabled' }, 1],
    ['enabled again', enable, { outcome: 'left_alone', reason: 'changed_since_creation' }, 1],
  ])('does not remove a user that is %s between the listing and the removal', async (_, change, outcome, exitCode) => {
    const pool = await startDriftPool()
    await addUser(pool, incomplete('stuck'))
    pool.clock.advance(2 * hour)
    let deletions = 0

    const run = await readDriftOf(pool, ['--repair'], {
      onQuestion: async () => {
        await change(pool)
        deletions = pool.aws.calls.filter(({ operation }) => operation === 'AdminDeleteUser').length
        return 'yes\n'
      },
    })

    expect(run.document.repairs).toMatchObject([outcome])
    expect(run.exitCode).toBe(exitCode)
    expect(pool.aws.calls.filter(({ operation }) => operation === 'AdminDeleteUser')).toHaveLength(deletions)
    expect(auditLines(run.stderr)).toMatchObject([outcome.reason === null ? { outcome: outcome.outcome } : outcome])
  })

  it('goes on after a failure, reports it, and ends with 3', async () => {
    const pool = await startDriftPool()
    const subs = []
    for (const number of [1, 2, 3]) subs.push(await addUser(pool, incomplete(`stuck-${number}`, number)))
    pool.clock.advance(2 * hour)
    pool.aws.setFaults([{ operation: 'AdminDeleteUser', kind: 'access_denied', when: 'before', calls: { nth: 2 } }])

    const { exitCode, document, stderr } = await readDriftOf(pool, ['--repair', '--yes'])

    const failure = { outcome: 'failed', operation: 'AdminDeleteUser' }
    const denied = {
      reason: 'AccessDeniedException',
      message: 'The caller is not authorized to perform this operation.',
    }
    expect(document.repairs).toEqual([
      { sub: subs[0], provisioning_id: provisioningIdOf(1), outcome: 'removed', reason: null, operation: null },
      { sub: subs[1], provisioning_id: provisioningIdOf(2), ...failure, ...denied },
      { sub: subs[2], provisioning_id: provisioningIdOf(3), outcome: 'removed', reason: null, operation: null },
    ])
    expect(document.summary).toMatchObject({ removed: 2, failed: 1, left: 1, broken_off: null })
    expect(exitCode).toBe(3)
    expect(auditLines(stderr)[1]).toMatchObject({
      level: 'ERROR',
      message: 'incomplete user not removed',
      sub: subs[1],
      provisioning_id: provisioningIdOf(2),
      ...failure,
      error_name: 'AccessDeniedException',
    })
    expect(await exists(pool, 'stuck-2')).toBe(true)
  })

  it('backs off when Cognito throttles, and gets through', async () => {
    const pool = await startDriftPool()
    await addUser(pool, incomplete('stuck'))
    pool.clock.advance(2 * hour)
    pool.aws.setFaults(
      ['ListUsersInGroup', 'ListUsers', 'AdminListGroupsForUser', 'AdminGetUser', 'AdminDeleteUser'].map(
        (operation) => ({ operation, kind: 'throttled', when: 'before', calls: { nth: 1 } }),
      ),
    )

    const { exitCode, document } = await readDriftOf(pool, ['--repair', '--yes'], { maxAttempts: 3 })

    expect(document.repairs).toMatchObject([{ outcome: 'removed' }])
    expect(exitCode).toBe(0)
  }, 30_000)

  it('counts a user as removed when the removal took effect and its answer was lost', async () => {
    const pool = await startDriftPool()
    await addUser(pool, incomplete('stuck'))
    pool.clock.advance(2 * hour)
    pool.aws.setFaults([{ operation: 'AdminDeleteUser', kind: 'connection_reset', when: 'after', calls: { nth: 1 } }])

    const { exitCode, document } = await readDriftOf(pool, ['--repair', '--yes'], { maxAttempts: 2 })

    expect(document.repairs).toMatchObject([{ outcome: 'removed' }])
    expect(exitCode).toBe(0)
  })
})
