// How fast rows are worked off: a share of what the account's quotas allow, so that single requests have the rest.
import type { Deadline } from '#shared/time/deadline.ts'
import { awaitTurn, createTokenBucket, type TokenBucket } from '#shared/time/token-bucket.ts'

export type Admission = {
  /** Waits for a row's turn. False where the deadline is nearer than that. */
  readonly admit: (deadline: Deadline) => Promise<boolean>
  /** What `batch` gives, whose rows `admit` lets in. */
  readonly duringBatch: <T>(batch: () => Promise<T>) => Promise<T>
}

type Pace = {
  readonly bulkShare: number
  readonly creationsPerSecond: number
  /** How many instances share the rate. */
  readonly workers: number
}

/** Of the event source. */
const rowsOfBatch = 10

/** Between two batches; in a longer one there was nothing to do. */
const longestPauseMs = 1_000

/** Rows a second of one instance. `accountLimit` is what Cognito tells, where it does. */
export function rateOf({ bulkShare, creationsPerSecond, workers }: Pace, accountLimit: number | undefined): number {
  return (bulkShare * Math.min(creationsPerSecond, accountLimit ?? Infinity)) / workers
}

/**
 * A slow row keeps its instance from the next batch. The turns of that time are saved, up to a batch of them, or every slow row
 * would cost the others theirs. Nothing is saved while there is nothing to do: a job begins with a second's worth.
 */
export function createAdmission(deps: {
  /** Asked once, when the first row comes. */
  readonly perSecond: () => Promise<number>
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
}): Admission {
  let rate: Promise<number> | undefined
  let bucket: Promise<TokenBucket> | undefined
  let endedAt = -Infinity

  const makeBucket = async (): Promise<TokenBucket> => {
    const perSecond = await (rate ??= deps.perSecond())
    return createTokenBucket({ perSecond, burst: Math.max(perSecond, rowsOfBatch), atFirst: perSecond, now: deps.now })
  }

  return {
    async admit(deadline) {
      return awaitTurn(await (bucket ??= makeBucket()), { deadline, sleep: deps.sleep })
    },

    async duringBatch(batch) {
      // In a pause of a second, all that may be there has come again.
      if (deps.now() - endedAt >= longestPauseMs) bucket = undefined
      try {
        return await batch()
      } finally {
        endedAt = deps.now()
      }
    },
  }
}
