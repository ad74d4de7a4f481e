import { describe, expect, it } from 'vitest'
import type { LeftAloneReason } from '#infra/cli/drift/drift.ts'
import type { RepairOutcome } from '#infra/cli/drift/run-drift.ts'
import { createJsonReport, createTableReport, type Report, type TableReportDeps } from '#infra/cli/drift/report.ts'
import { hour, minute, provisioningIdOf, type JsonReport } from './drift-pool.ts'
import { drifted, recordingReportDeps, repaired, sub, summary } from './report-samples.ts'

async function tableOf(
  tell: (report: Report) => Promise<void>,
  { columns = Infinity, paint = (_, text) => text }: Partial<Pick<TableReportDeps, 'columns' | 'paint'>> = {},
): Promise<string> {
  const deps = recordingReportDeps()
  await tell(createTableReport({ ...deps, columns, paint }))
  return deps.text()
}

const cellsOf = (line: string): string[] => line.split(/ {2,}/)

describe('the table', () => {
  it('without a terminal has one line for each user, under one head', async () => {
    const text = await tableOf(async (report) => {
      await report.user(drifted())
      await report.user(drifted({ username: 'billing', inGroup: true, enabled: false, provisioningId: undefined }))
    })

    const [head = '', first = '', second = '', ...rest] = text.split('\n')
    expect(rest).toEqual([''])
    expect(head).toBe(
      'USERNAME                  VERDICT                                 AGE   ' +
        'STATUS                 ENABLED  IN GROUP  SUB                                   PROVISIONING_ID',
    )
    expect(cellsOf(first)).toEqual([
      'orders-worker',
      'repairable',
      '3h',
      'FORCE_CHANGE_PASSWORD',
      'yes',
      'no',
      sub,
      provisioningIdOf(1),
    ])
    expect(cellsOf(second)).toEqual(['billing', 'repairable', '3h', 'FORCE_CHANGE_PASSWORD', 'no', 'yes', sub, '-'])
    for (const title of ['STATUS', 'AGE', 'VERDICT', 'SUB']) {
      expect(first.charAt(head.indexOf(title) - 1)).toBe(' ')
      expect(first.charAt(head.indexOf(title))).not.toBe(' ')
    }
  })

  it('on a terminal of 80 columns goes on in further lines, none longer', async () => {
    const text = await tableOf((report) => report.user(drifted()), { columns: 80 })

    expect(text.trimEnd().split('\n').slice(3)).toEqual([
      'orders-worker             repairable                              3h',
      `  FORCE_CHANGE_PASSWORD  yes      no        ${sub}`,
      `  ${provisioningIdOf(1)}`,
    ])
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it.each([1, 60, 69, 70, 80, 120, 200, 250])('at %i columns holds all that it has to say', async (columns) => {
    const text = await tableOf((report) => report.user(drifted()), { columns })

    for (const cell of ['orders-worker', 'FORCE_CHANGE_PASSWORD', '3h', 'repairable', sub, provisioningIdOf(1)]) {
      expect(text).toContain(cell)
    }
    const lines = text.trimEnd().split('\n')
    expect(lines.length % 2).toBe(0)
    if (columns >= 60) for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns)
  })

  it.each([
    [-hour, '0m'],
    [0, '0m'],
    [hour - 1, '59m'],
    [hour, '1h'],
    [48 * hour - minute, '47h'],
    [48 * hour, '2d'],
    [9_999 * 24 * hour, '9999d'],
  ])('shows an age of %i ms as %s', async (ageMs, shown) => {
    const text = await tableOf((report) => report.user(drifted({ ageMs })))

    expect(cellsOf(text.split('\n')[1] ?? '')[2]).toBe(shown)
  })

  it.each([
    ['no_provisioning_id', 'left alone: no provisioning_id'],
    ['malformed_provisioning_id', 'left alone: malformed provisioning_id'],
    ['disabled', 'left alone: disabled'],
    ['too_recent', 'left alone: too recent'],
    ['changed_since_creation', 'left alone: changed since creation'],
    ['out_of_group', 'left alone: taken out of the group'],
  ] satisfies [LeftAloneReason, string][])('words %s as "%s"', async (reason, words) => {
    const text = await tableOf((report) => report.user(drifted({ verdict: { kind: 'left_alone', reason } })))

    expect(cellsOf(text.split('\n')[1] ?? '')[1]).toBe(words)
  })

  it('escapes all that came out of the pool', async () => {
    const text = await tableOf(
      async (report) => {
        await report.user(drifted({ username: 'a\u001b[31m', status: 'X\n', sub: '\u202e', provisioningId: 'v1\r' }))
        await report.repair({ ...repaired({ kind: 'removed' }), sub: '\u001b' })
      },
      { columns: 80 },
    )

    expect(text).toMatch(/^[\n\x20-\x7e]*$/)
    for (const escaped of ['a\\u{1b}[31m', 'X\\u{a}', '\\u{202e}', 'v1\\u{d}', '\n\\u{1b}  removed']) {
      expect(text).toContain(escaped)
    }
  })

  it('paints the head and what may be repaired, and moves no column by it', async () => {
    const tell = async (report: Report): Promise<void> => {
      await report.user(drifted())
      await report.user(drifted({ verdict: { kind: 'left_alone', reason: 'disabled' } }))
      await report.repair(repaired({ kind: 'removed' }))
      await report.repair(repaired({ kind: 'failed', operation: 'AdminDeleteUser', reason: 'TimeoutError' }))
    }

    const painted = await tableOf(tell, { paint: (style, text) => `<${style}>${text}</>` })

    expect(painted).toMatch(/^<bold>USERNAME/)
    expect(painted).toMatch(/<yellow>repairable {28}<\/>/)
    expect(painted).not.toContain('>left alone')
    expect(painted).toContain('<green>removed</>')
    expect(painted).toContain('<red>failed: AdminDeleteUser: TimeoutError</>')
    expect(painted.replace(/<[a-z/]*>/g, '')).toBe(await tableOf(tell))
  })
})

describe('the repairs under the table', () => {
  it.each([
    [{ kind: 'removed' }, 'removed'],
    [{ kind: 'gone' }, 'gone meanwhile'],
    [{ kind: 'finished' }, 'finished meanwhile'],
    [{ kind: 'left_alone', reason: 'disabled' }, 'left alone: disabled'],
    [
      { kind: 'failed', operation: 'AdminGetUser', reason: 'AccessDeniedException' },
      'failed: AdminGetUser: AccessDeniedException',
    ],
    [
      { kind: 'failed', operation: 'AdminGetUser', reason: 'AccessDeniedException', message: 'Not you.' },
      'failed: AdminGetUser: AccessDeniedException: Not you.',
    ],
  ] satisfies [RepairOutcome, string][])('say of %j: %s', async (outcome, words) => {
    expect(await tableOf((report) => report.repair(repaired(outcome)))).toBe(`\nREPAIR\n${sub}  ${words}\n`)
  })
})

describe('the last line', () => {
  const lastLine = async (changes: Partial<typeof summary>): Promise<string> =>
    tableOf((report) => report.end({ ...summary, ...changes }))

  it('counts what was found', async () => {
    expect(await lastLine({})).toBe(
      '3 drifted among 1,204 users of eu-west-1_abc (2 machine users not looked at): 1 repairable, 2 left alone.\n',
    )
  })

  it('counts what was done', async () => {
    expect(await lastLine({ removed: 1, left: 2 })).toMatch(/2 left alone, 1 removed, 0 failed, 2 left\.\n$/)
    expect(await lastLine({ failed: 1 })).toMatch(/2 left alone, 0 removed, 1 failed, 3 left\.\n$/)
  })

  it('of a run without findings says so', async () => {
    expect(await lastLine({ drifted: 0, usersSeen: 1, machineUsersSkipped: 1 })).toBe(
      'Nothing incomplete among 1 user of eu-west-1_abc (1 machine user not looked at).\n',
    )
  })

  it('of a run that broke off never says that there was nothing', async () => {
    const brokenOff = { operation: 'ListUsers', reason: 'TimeoutError', message: 'Too late.' }

    expect(await lastLine({ drifted: 0, brokenOff })).toBe(
      'Broken off after 1,204 users of eu-west-1_abc (2 machine users not looked at): ListUsers: TimeoutError: Too late.\n',
    )
  })
})

async function documentOf(tell: (report: Report) => Promise<void>): Promise<JsonReport> {
  const deps = recordingReportDeps()
  const report = createJsonReport(deps)
  await tell(report)
  await report.end(summary)
  return JSON.parse(deps.text()) as JsonReport
}

describe('the JSON document', () => {
  it.each([
    { users: 0, repairs: 0 },
    { users: 1, repairs: 0 },
    { users: 3, repairs: 0 },
    { users: 2, repairs: 1 },
    { users: 3, repairs: 3 },
  ])('of $users users and $repairs repairs parses and holds them all', async ({ users, repairs }) => {
    const document = await documentOf(async (report) => {
      for (let index = 0; index < users; index += 1) await report.user(drifted())
      for (let index = 0; index < repairs; index += 1) await report.repair(repaired({ kind: 'removed' }))
    })

    expect(Object.keys(document)).toEqual(['user_pool_id', 'users', 'repairs', 'summary'])
    expect(document.users).toHaveLength(users)
    expect(document.repairs).toHaveLength(repairs)
    expect(document.summary['users_seen']).toBe(1_204)
  })

  it('says of each repair what became of the user, and why', async () => {
    const document = await documentOf(async (report) => {
      await report.repair(repaired({ kind: 'left_alone', reason: 'disabled' }))
      await report.repair(repaired({ kind: 'failed', operation: 'AdminDeleteUser', reason: 'TimeoutError' }))
      await report.repair(repaired({ kind: 'failed', operation: 'AdminGetUser', reason: 'E', message: 'Not you.' }))
    })

    const whose = { sub, provisioning_id: provisioningIdOf(1) }
    expect(document.repairs).toEqual([
      { ...whose, outcome: 'left_alone', reason: 'disabled', operation: null },
      { ...whose, outcome: 'failed', reason: 'TimeoutError', operation: 'AdminDeleteUser' },
      { ...whose, outcome: 'failed', reason: 'E', operation: 'AdminGetUser', message: 'Not you.' },
    ])
  })

  it('counts an age in whole seconds, downwards', async () => {
    const document = await documentOf((report) => report.user(drifted({ ageMs: 1_999 })))

    expect(document.users[0]).toMatchObject({ age_seconds: 1, created_at: '1970-01-01T00:00:00.000Z' })
  })
})
