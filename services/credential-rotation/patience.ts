// Waits for what was done and cannot be seen yet; it never outlasts the function.

export type Waiting = {
  readonly sleep: (ms: number) => Promise<unknown>
  /** Until the function has to end. */
  readonly remainingMs: () => number
}

/** For what was written a moment ago: Secrets Manager's and Cognito's reads follow their writes within seconds. */
export const visibilityMs = 10_000

const firstPauseMs = 100
const longestPauseMs = 2_000

/** Kept free after a pause: for one more look, and for what has to be done when it was in vain. */
const lookMs = 1_000

/**
 * Looks again, after ever longer pauses, until it sees what it waits for, or until `atMostMs` of pauses or the function's
 * time are over; gives what it saw last. It looks once at least.
 */
export async function lookUntil<T>(
  look: () => Promise<T>,
  isSeen: (seen: T) => boolean,
  { sleep, remainingMs }: Waiting,
  atMostMs = Infinity,
): Promise<T> {
  const budgetMs = Math.min(atMostMs, remainingMs() - lookMs)
  let pausedMs = 0
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const seen = await look()
    if (isSeen(seen) || pausedMs + pauseMs > budgetMs || pauseMs > remainingMs() - lookMs) return seen
    await sleep(pauseMs)
    pausedMs += pauseMs
  }
}

export function isThere<T>(seen: T | undefined): seen is T {
  return seen !== undefined
}
