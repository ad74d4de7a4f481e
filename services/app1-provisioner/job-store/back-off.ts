// How the store goes through many calls: so many side by side, and what was not taken once more, after a while.
import { ServiceError } from '#shared/errors.ts'
import type { Deadline } from '#shared/time/deadline.ts'

/** Waits before the repeat after `attempt` (from 0). Throws `throttled` where the deadline is nearer than that. */
export type BackOff = (attempt: number, deadline: Deadline) => Promise<void>

export type BackOffDeps = {
  readonly sleep: (ms: number) => Promise<void>
  /** From 0 (inclusive) to 1 (exclusive), as `Math.random`. */
  readonly random: () => number
}

const firstMs = 50
const longestMs = 1_000

/** Exponential, with full jitter, so that those who were refused together do not come back together. */
export function createBackOff({ sleep, random }: BackOffDeps): BackOff {
  return async (attempt, deadline) => {
    const ms = random() * Math.min(longestMs, firstMs * 2 ** attempt)
    if (deadline.remainingMs() <= ms) throw new ServiceError('throttled', { reason: 'job_store', retryAfterSeconds: 1 })
    await sleep(ms)
  }
}

/**
 * `work` for each item, at most `most` at once. After a failure nothing more is begun, and it is thrown when all that was begun
 * has ended: nobody goes on behind the caller's back.
 */
export async function inParallel<T>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values()
  let failed = false
  const lane = async (): Promise<void> => {
    for (const item of left) {
      if (failed) return
      try {
        await work(item)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const ended = await Promise.allSettled(Array.from({ length: Math.min(most, items.length) }, lane))
  const failure = ended.find((lane) => lane.status === 'rejected')
  if (failure !== undefined) throw failure.reason
}

/** In pieces of `size`, the last one shorter. */
export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
