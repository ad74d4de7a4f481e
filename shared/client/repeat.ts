// The rule by which a request is sent again: what may be, when, and what all attempts together say.
import type { AttemptFailure, Outcome } from './answer.ts'

/** An operation as App1's document names it, with what decides whether it may be sent twice. */
export type Operation = {
  readonly method: string
  /** With `{username}` and the like in it. */
  readonly path: string
  /** `force=true` among it. */
  readonly query: URLSearchParams
  readonly idempotencyKey?: string | undefined
}

const mostAttempts = 4

/**
 * Whether a second request does no more than the first. A deletion by force is none: between the two somebody may have
 * made another user of that name.
 */
export function isSafeTwice({ method, path, query, idempotencyKey }: Operation): boolean {
  switch (method) {
    case 'GET':
      return true
    case 'DELETE':
      return query.get('force') !== 'true'
    default:
      return idempotencyKey !== undefined || endings.includes(path)
  }
}

/** Changes that a second request leaves as they are, and that nobody takes back unless they mean to. */
const endings = ['/service-users/{username}/disable', '/jobs/{id}/cancel']

/** Before attempt `attempts + 1`, in milliseconds; undefined where there is none. */
export function waitBeforeRepeat(
  operation: Operation,
  { status, outcome, retryAfterSeconds = 0 }: AttemptFailure,
  { attempts, random }: { readonly attempts: number; readonly random: () => number },
): number | undefined {
  const mayPass = status === undefined || status === 429 || status === 503 || status === 504
  if (attempts >= mostAttempts || !mayPass) return undefined
  if (outcome !== 'none' && !isSafeTwice(operation)) return undefined
  // Full jitter: a random time up to 1 s, 2 s, 4 s, and never before the time that the answer names.
  return 1_000 * Math.max(random() * 2 ** (attempts - 1), retryAfterSeconds)
}

/** The worst that any attempt left: a later refusal takes nothing back. */
export function outcomeOf(attempts: readonly Outcome[]): Outcome {
  return (
    attempts.find((outcome) => outcome === 'partial') ?? attempts.find((outcome) => outcome === 'unknown') ?? 'none'
  )
}
