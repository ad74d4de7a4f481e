// What a run of the drift report tells, whichever way it is written; it is written as it comes, and nothing is kept.
import type { DriftedUser } from './find-drift.ts'
import type { FailedCall } from './pool-users.ts'
import type { Repair } from './repair.ts'

export type Report = {
  user(user: DriftedUser): Promise<void>
  /** Only after the last user. */
  repair(repair: Repair): Promise<void>
  /** Once, and last, also when the run broke off. */
  end(summary: Summary): Promise<void>
}

export type Summary = {
  readonly usersSeen: number
  readonly machineUsersSkipped: number
  readonly drifted: number
  readonly repairable: number
  readonly removed: number
  readonly failed: number
  /** Drifted, and still as the report shows them. */
  readonly left: number
  /** Why the run broke off; absent when it saw the whole pool. */
  readonly brokenOff?: FailedCall
}

export type ReportDeps = {
  readonly userPoolId: string
  /** Resolves when more can be taken, so that a slow reader does not fill the memory. */
  readonly write: (text: string) => Promise<void>
}
