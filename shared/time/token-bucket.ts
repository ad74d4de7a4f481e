// A token bucket: so many requests a second on average, and a burst of one second's worth; it never waits.

export type TokenBucket = {
  /** Takes one token, or says how many milliseconds it takes until there is one. */
  take(): { readonly taken: true } | { readonly taken: false; readonly waitMs: number }
}

/** A bucket that is full at first. It holds at least one token, however small `perSecond` is. */
export function createTokenBucket(options: { readonly perSecond: number; readonly now: () => number }): TokenBucket {
  const { perSecond, now } = options
  const capacity = Math.max(1, perSecond)
  let tokens = capacity
  let filledAt = now()
  return {
    take() {
      const at = now()
      // A clock that was set back takes nothing away.
      tokens = Math.min(capacity, tokens + (Math.max(0, at - filledAt) / 1000) * perSecond)
      filledAt = at
      if (tokens < 1) return { taken: false, waitMs: ((1 - tokens) / perSecond) * 1000 }
      tokens -= 1
      return { taken: true }
    },
  }
}
