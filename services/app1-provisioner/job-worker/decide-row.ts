// What becomes of a row after an attempt: decisions alone.
import type { ServiceError } from '#shared/errors.ts'

/** Both have to be reached before a row is given up: an outage of half an hour costs no row. */
const mostAttempts = 20
const leastPatienceMs = 60 * 60 * 1_000

const longestPostponementSeconds = 60

/** Whether the refusal is about the row itself, so that a repeat gets the same. */
export function isFinal({ status }: ServiceError): boolean {
  return status >= 400 && status < 500 && status !== 429
}

/** Whether it was tried often and long enough. Times are epoch milliseconds. */
export function isExhausted(tried: {
  readonly attempts: number
  readonly firstTriedAt: number | undefined
  readonly now: number
}): boolean {
  const { attempts, firstTriedAt, now } = tried
  return attempts >= mostAttempts && firstTriedAt !== undefined && now - firstTriedAt >= leastPatienceMs
}

/** How long the next attempt of the same invocation waits, in milliseconds. `Retry-After` counts, and is never cut short. */
export function waitBefore(attempt: number, error: ServiceError, random: () => number): number {
  const backOffMs = Math.min(8_000, 500 * 2 ** attempt) * (0.5 + random() / 2)
  return Math.max(backOffMs, (error.retryAfterSeconds ?? 0) * 1_000)
}

/** For how long a message is given back, in seconds: a few, and more with every attempt that came to nothing. */
export function postponement(attempts: number, error: ServiceError | undefined): number {
  const seconds = Math.max(5, 2 ** Math.min(attempts, 10), Math.ceil(error?.retryAfterSeconds ?? 0))
  return Math.min(seconds, longestPostponementSeconds)
}
