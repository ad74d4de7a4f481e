// What a run could tell, for tests of how it is written.
import type { DriftedUser } from '#infra/cli/drift/drift.ts'
import type { Repair, RepairOutcome } from '#infra/cli/drift/run-drift.ts'
import type { ReportDeps, Summary } from '#infra/cli/drift/report.ts'
import { hour, provisioningIdOf } from './drift-pool.ts'

export const sub = '6f0c8a52-1111-4222-8333-444455556666'

export const drifted = (changes: Partial<DriftedUser> = {}): DriftedUser => ({
  username: 'orders-worker',
  sub,
  status: 'FORCE_CHANGE_PASSWORD',
  enabled: true,
  createdAt: 0,
  modifiedAt: 0,
  provisioningId: provisioningIdOf(1),
  inGroup: false,
  ageMs: 3 * hour,
  verdict: { kind: 'repairable' },
  ...changes,
})

export const repaired = (outcome: RepairOutcome): Repair => ({
  sub,
  username: 'orders-worker',
  provisioningId: provisioningIdOf(1),
  outcome,
})

export const summary: Summary = {
  usersSeen: 1_204,
  machineUsersSkipped: 2,
  drifted: 3,
  repairable: 1,
  removed: 0,
  failed: 0,
  left: 3,
}

export function recordingReportDeps(): ReportDeps & { readonly text: () => string } {
  const pieces: string[] = []
  return {
    userPoolId: 'eu-west-1_abc',
    write: (text) => {
      pieces.push(text)
      return Promise.resolve()
    },
    text: () => pieces.join(''),
  }
}
