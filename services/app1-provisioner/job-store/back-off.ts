// How the store goes through many items: in pieces, and what was not taken once more, after a while.
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

/** In pieces of `size`, the last one shorter. */
export function chunksOf<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  )
}
