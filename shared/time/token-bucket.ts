// A token bucket: so many a second on average, and a burst of one second's worth; it never waits.

export type TokenBucket = {
  /** Takes so many tokens (1 if absent) at once, or none and says how many milliseconds it takes until they are there. */
  take(count?: number): { readonly taken: true } | { readonly taken: false; readonly waitMs: number }
}

/** A bucket that is full at first. It holds at least `most`, what is taken at once at most, however small `perSecond` is. */
export function createTokenBucket(options: {
  readonly perSecond: number
  readonly now: () => number
  /** 1 if absent. */
  readonly most?: number
}): TokenBucket {
  const { perSecond, now, most = 1 } = options
  const capacity = Math.max(most, perSecond)
  let tokens = capacity
  let filledAt = now()
  return {
    take(count = 1) {
      const at = now()
      // A clock that was set back takes nothing away.
      tokens = Math.min(capacity, tokens + (Math.max(0, at - filledAt) / 1000) * perSecond)
      filledAt = at
      if (tokens < count) return { taken: false, waitMs: ((count - tokens) / perSecond) * 1000 }
      tokens -= count
      return { taken: true }
    },
  }
}
