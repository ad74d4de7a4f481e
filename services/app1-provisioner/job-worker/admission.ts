// How fast rows are worked off: a share of what the account's quotas allow, so that single requests have the rest.
import type { Deadline } from '#shared/time/deadline.ts'
import type { TokenBucket } from '#shared/time/token-bucket.ts'

/** Waits for a row's turn. False where the deadline is nearer than that. */
export type Admission = (deadline: Deadline) => Promise<boolean>

type Pace = {
  readonly bulkShare: number
  readonly creationsPerSecond: number
  /** How many instances share the rate. */
  readonly workers: number
}

/** Rows a second of one instance. `accountLimit` is what Cognito tells, where it does. */
export function rateOf({ bulkShare, creationsPerSecond, workers }: Pace, accountLimit: number | undefined): number {
  return (bulkShare * Math.min(creationsPerSecond, accountLimit ?? Infinity)) / workers
}

export function createAdmission(deps: {
  /** Made once, when the first row comes: what it has given is not given again to the next invocation. */
  readonly bucket: () => Promise<TokenBucket>
  readonly sleep: (ms: number) => Promise<void>
}): Admission {
  return async (deadline) => {
    const bucket = await deps.bucket()
    for (;;) {
      const admitted = bucket.take()
      if (admitted.taken) return true
      if (deadline.remainingMs() <= admitted.waitMs) return false
      await deps.sleep(Math.ceil(admitted.waitMs))
    }
  }
}
