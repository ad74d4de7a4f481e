import { describe, expect, it } from 'vitest'
import { createJsonReport } from '../../../../../infra/operations/drift/json-report.ts'
import type { Report } from '../../../../../infra/operations/drift/report.ts'
import { provisioningIdOf, type JsonReport } from './drift-pool.ts'
import { drifted, recordingReportDeps, repaired, sub, summary } from './report-samples.ts'

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
