// What a caller of App1 does with an answer: take it as final, repeat after a while, or give up; it never hurries.

/** `status` is undefined when there was no answer at all. `elapsedMs` counts from the creation's first request. */
export type Attempt = {
  readonly status: number | undefined
  readonly retryAfterSeconds: number | undefined
  /** 1 for the first request. */
  readonly number: number
  readonly elapsedMs: number
}

export type NextStep =
  { readonly kind: 'final' } | { readonly kind: 'repeat'; readonly delayMs: number } | { readonly kind: 'give_up' }

const firstBackOffMs = 100
const longestBackOffMs = 2_000

/**
 * By time, not by number: at Cognito's own quotas 64 callers share 20 admissions a second, and one of them may well be
 * turned away twenty times in a row. Well below the hour within which an incomplete user can be taken up again.
 */
const patienceMs = 10 * 60_000

/**
 * 429 and 5xx, and no answer, are worth a repeat with the same Idempotency-Key; everything else is final. The wait is
 * what Retry-After asks for and a random part on top, which doubles up to two seconds: those who were turned away
 * together do not come back together, and nobody comes back early.
 */
export function decideNextStep(attempt: Attempt, random: () => number): NextStep {
  const { status } = attempt
  if (status !== undefined && status !== 429 && status < 500) return { kind: 'final' }
  const backOffMs = Math.min(longestBackOffMs, firstBackOffMs * 2 ** (attempt.number - 1))
  const delayMs = (attempt.retryAfterSeconds ?? 0) * 1000 + random() * backOffMs
  return attempt.elapsedMs + delayMs > patienceMs ? { kind: 'give_up' } : { kind: 'repeat', delayMs }
}
