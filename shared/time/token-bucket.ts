// A token bucket: so many a second on average, and a burst. The bucket itself never waits.
import { ServiceError } from '../errors.ts'
import type { Deadline } from './deadline.ts'

export type TokenBucket = {
  /**
   * Takes so many tokens (1 if absent), or none and says how many milliseconds it takes until one is there. Several are had as
   * soon as one is, and those behind wait the longer: who takes one at a time starves nobody who needs three.
   */
  take(count?: number): { readonly taken: true } | { readonly taken: false; readonly waitMs: number }
}

/**
 * It holds `burst` tokens, one second's worth if absent, and at least one, however small `perSecond` is. It has `atFirst` of them
 * at first, and at least one; it is full if absent.
 */
export function createTokenBucket(options: {
  readonly perSecond: number
  readonly burst?: number
  readonly atFirst?: number
  readonly now: () => number
}): TokenBucket {
  const { perSecond, burst = perSecond, atFirst = burst, now } = options
  const capacity = Math.max(1, burst)
  let tokens = Math.max(1, Math.min(atFirst, capacity))
  let filledAt = now()
  return {
    take(count = 1) {
      const at = now()
      // A clock that was set back takes nothing away.
      tokens = Math.min(capacity, tokens + (Math.max(0, at - filledAt) / 1000) * perSecond)
      filledAt = at
      if (tokens < 1) return { taken: false, waitMs: ((1 - tokens) / perSecond) * 1000 }
      tokens -= count
      return { taken: true }
    },
  }
}

/** Takes `count` tokens for work that has not begun. Throws `throttled`, with how long to wait, where there are none. */
export function admit(bucket: TokenBucket, count?: number): void {
  const admitted = bucket.take(count)
  if (admitted.taken) return
  const retryAfterSeconds = admitted.waitMs / 1000
  throw new ServiceError('throttled', { reason: 'admission', retryAfterSeconds, outcome: 'none' })
}

/** Waits for a token. False where the deadline is nearer than that. */
export async function awaitTurn(
  bucket: TokenBucket,
  { deadline, sleep }: { readonly deadline: Deadline; readonly sleep: (ms: number) => Promise<unknown> },
): Promise<boolean> {
  for (;;) {
    const turn = bucket.take()
    if (turn.taken) return true
    if (deadline.remainingMs() <= turn.waitMs) return false
    // A timer that is early by a fraction would find no token, and ask in vain.
    await sleep(Math.ceil(turn.waitMs))
  }
}
