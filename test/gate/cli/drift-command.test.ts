import { describe, expect, it } from 'vitest'
import {
  addUser,
  exists,
  hour,
  minute,
  provisioningIdOf,
  readDriftOf,
  runDriftOn,
  startDriftPool,
  verdictsOf,
} from '../../unit/infra/cli/drift/drift-pool.ts'
import { incomplete, mixedVerdicts, startMixedPool, whole } from '../../unit/infra/cli/drift/mixed-pool.ts'

describe('npm run drift', () => {
  it('on a pool of every kind of user lists the incomplete and those out of their group, with a verdict each', async () => {
    const pool = await startMixedPool()

    const { exitCode, document } = await readDriftOf(pool)

    expect(verdictsOf(document)).toEqual(mixedVerdicts)
    expect(document.summary).toEqual({
      users_seen: 13,
      machine_users_skipped: 2,
      drifted: 8,
      repairable: 2,
      removed: 0,
      failed: 0,
      left: 8,
      secrets: null,
      broken_off: null,
    })
    expect(exitCode).toBe(1)
  })

  it('escapes what a user was given by hand, in the table and in JSON', async () => {
    const pool = await startDriftPool()
    const hostile = '\u001b]0;owned\u0007\r\n\u202e\u{1f600}'
    await addUser(pool, { username: 'b\u00fcro', provisioningId: hostile })

    const table = await runDriftOn(pool, [])
    const json = await readDriftOf(pool)

    expect(table.stdout).toMatch(/^[\n\x20-\x7e]*$/)
    expect(table.stdout).toContain('b\\u{fc}ro ')
    expect(table.stdout).toContain('\\u{1b}]0;owned\\u{7}\\u{d}\\u{a}\\u{202e}\\u{1f600}')
    expect(json.stdout).toMatch(/^[\n\x20-\x7e]*$/)
    expect(json.document.users).toMatchObject([{ username: 'b\u00fcro', provisioning_id: hostile }])
  })

  it('describes a user by stable fields', async () => {
    const pool = await startDriftPool()
    const sub = await addUser(pool, { ...incomplete('stuck'), group: 'service-user' })
    await addUser(pool, { username: 'invited-by-hand' })
    pool.clock.advance(2 * hour)

    const { document } = await readDriftOf(pool)

    expect(document.user_pool_id).toBe(pool.poolId)
    expect(document.users[0]).toEqual({
      username: 'stuck',
      sub,
      status: 'FORCE_CHANGE_PASSWORD',
      enabled: true,
      in_group: true,
      provisioning_id: provisioningIdOf(1),
      created_at: '2026-01-01T00:00:00.000Z',
      age_seconds: 7200,
      verdict: 'repairable',
      reason: null,
    })
    expect(document.users[1]).toMatchObject({
      in_group: false,
      provisioning_id: null,
      verdict: 'left_alone',
      reason: 'no_provisioning_id',
    })
  })

  it('without drift says so and ends with 0', async () => {
    const pool = await startDriftPool()
    await addUser(pool, whole('whole'))

    const table = await runDriftOn(pool, [])
    const json = await readDriftOf(pool)

    expect(table).toEqual({
      exitCode: 0,
      stdout:
        `Nothing incomplete among 1 user of ${pool.poolId} (0 machine users not looked at).\n` +
        'Secrets were not looked at: --secrets says what their names begin with.\n',
      stderr: '',
    })
    expect(json.exitCode).toBe(0)
    expect(json.document).toMatchObject({ users: [], repairs: [] })
  })

  it('changes nothing unless it is asked to repair', async () => {
    const pool = await startMixedPool()
    const before = pool.aws.calls.length

    await runDriftOn(pool, [])

    const operations = new Set(pool.aws.calls.slice(before).map(({ operation }) => operation))
    expect([...operations].sort()).toEqual(['AdminListGroupsForUser', 'ListUsers', 'ListUsersInGroup'])
  })

  it.each([[[]], [['--json']], [['--repair', '--yes']], [['--repair', '--yes', '--json']]])(
    'with %j never prints or touches a machine user',
    async (args) => {
      const pool = await startMixedPool()

      const { stdout, stderr } = await runDriftOn(pool, args)

      expect(stdout + stderr).not.toMatch(/latchkey-machine/i)
      expect(await exists(pool, 'latchkey-machine-stuck')).toBe(true)
      expect(await exists(pool, 'latchkey-machine-whole')).toBe(true)
    },
  )

  it('leaves out users younger than --older-than, which then do not count', async () => {
    const pool = await startDriftPool()
    await addUser(pool, incomplete('older', 1))
    pool.clock.advance(1)
    await addUser(pool, incomplete('younger', 2))
    pool.clock.advance(5 * minute - 1)

    const some = await readDriftOf(pool, ['--older-than', '5'])
    const none = await readDriftOf(pool, ['--older-than', '6'])

    expect(verdictsOf(some.document)).toEqual({ older: 'too_recent' })
    expect(some.exitCode).toBe(1)
    expect(none.document.users).toEqual([])
    expect(none.exitCode).toBe(0)
  })
})

describe('npm run drift, when AWS is in trouble', () => {
  it('still writes a document that parses, says where it broke off, and ends with 3', async () => {
    const pool = await startDriftPool()
    for (let number = 0; number < 61; number += 1) await addUser(pool, incomplete(`stuck-${number}`, number))
    pool.aws.setFaults([{ operation: 'ListUsers', kind: 'access_denied', when: 'before', calls: { nth: 2 } }])

    const { exitCode, document } = await readDriftOf(pool, ['--repair', '--yes'])

    expect(exitCode).toBe(3)
    expect(document.users).toHaveLength(60)
    expect(document.repairs).toEqual([])
    expect(document.summary).toMatchObject({
      users_seen: 60,
      removed: 0,
      broken_off: { operation: 'ListUsers', reason: 'AccessDeniedException' },
    })
  })

  it('says so at the end of the table', async () => {
    const pool = await startDriftPool()
    pool.aws.setFaults([{ operation: 'ListUsersInGroup', kind: 'access_denied', when: 'before', calls: { nth: 1 } }])

    const { exitCode, stdout } = await runDriftOn(pool, [])

    expect(exitCode).toBe(3)
    expect(stdout).toBe(
      `Broken off after 0 users of ${pool.poolId} (0 machine users not looked at): ` +
        'ListUsersInGroup: AccessDeniedException: The caller is not authorized to perform this operation.\n',
    )
  })
})

it('npm run drift on a terminal of 80 columns says all in further lines, none longer', async () => {
  const pool = await startDriftPool()
  const sub = await addUser(pool, incomplete('stuck'))

  const { stdout } = await runDriftOn(pool, [], { columns: 80 })

  const [user = '', ...rest] = stdout.split('\n').slice(3)
  expect(`${user} ${rest.join(' ')}`).toMatch(
    new RegExp(`^stuck .*FORCE_CHANGE_PASSWORD.* ${sub} .*${provisioningIdOf(1)}`),
  )
  for (const line of stdout.split('\n').slice(0, -3)) expect(line.length).toBeLessThanOrEqual(80)
})

it('npm run drift, used wrongly, ends with 2, says why, and makes no call', async () => {
  const pool = await startDriftPool()
  const before = pool.aws.calls.length

  const stderr = '--yes answers the question that --repair asks.\n'
  expect(await runDriftOn(pool, ['--yes'])).toEqual({ exitCode: 2, stdout: '', stderr })
  expect(pool.aws.calls).toHaveLength(before)
})
