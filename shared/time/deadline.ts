// One request's time budget, handed down to every call it makes; it never extends itself.
import { ServiceError } from '../errors.ts'

/** A point in time (`expiresAt`, epoch milliseconds) and what follows from it. */
export type Deadline = {
  readonly expiresAt: number
  /** Milliseconds left, at least 0. */
  readonly remainingMs: () => number
  /** A deadline that much earlier, so that time is kept for what has to come after. */
  readonly earlierBy: (ms: number) => Deadline
  /** Aborts when the time is over, or after `atMostMs` when that is sooner. */
  readonly signal: (atMostMs?: number) => AbortSignal
}

export function createDeadline({ now, budgetMs }: { readonly now: () => number; readonly budgetMs: number }): Deadline {
  const expiresAt = now() + budgetMs
  const remainingMs = (): number => Math.max(0, expiresAt - now())
  return {
    expiresAt,
    remainingMs,
    earlierBy: (ms) => createDeadline({ now, budgetMs: remainingMs() - ms }),
    signal: (atMostMs = Infinity) => AbortSignal.timeout(Math.max(0, Math.floor(Math.min(remainingMs(), atMostMs)))),
  }
}

/**
 * `shared`, but no longer than the caller's own deadline: who joins a flight late or in a hurry leaves it with
 * `upstream_timeout`, and the flight goes on for the others.
 */
export async function withinDeadline<T>(shared: Promise<T>, deadline: Deadline): Promise<T> {
  const signal = deadline.signal()
  let onAbort: (() => void) | undefined
  const expired = new Promise<never>((_, reject) => {
    onAbort = () => {
      reject(new ServiceError('upstream_timeout', { reason: 'deadline_while_waiting' }))
    }
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([shared, expired])
  } finally {
    if (onAbort !== undefined) signal.removeEventListener('abort', onAbort)
  }
}
