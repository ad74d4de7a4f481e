// What a run of the drift report tells; it is written as it comes.
import type { FailedCall } from './aws-call.ts'
import type { DriftedUser } from './drift.ts'
import type { Repair } from './repair.ts'
import type { DriftedSecret } from './secret-drift.ts'

export type Report = {
  user(user: DriftedUser): Promise<void>
  /** Only after the last user. */
  secret(secret: DriftedSecret): Promise<void>
  /** Only after the last user and the last secret. */
  repair(repair: Repair): Promise<void>
  /** Once, and last, also when the run broke off. */
  end(summary: Summary): Promise<void>
}

export type Summary = {
  readonly usersSeen: number
  readonly machineUsersSkipped: number
  readonly users: FindingCounts
  /** Absent when they were not looked at. */
  readonly secrets: (FindingCounts & { readonly seen: number }) | undefined
  /** Why the run broke off; absent when it saw the whole pool. */
  readonly brokenOff?: FailedCall
}

export type FindingCounts = {
  readonly drifted: number
  readonly repairable: number
  readonly repaired: number
  readonly failed: number
  /** Drifted, and still as the report shows them. */
  readonly left: number
}

export type ReportDeps = {
  readonly userPoolId: string
  /** Resolves when more can be taken, so that a slow reader does not fill the memory. */
  readonly write: (text: string) => Promise<void>
}
