// Spaces calls evenly, so that a long run leaves the account's quota to others; it never makes a call itself.

/** Resolves when the next call may start. */
export type Pace = () => Promise<void>

export type PacerDeps = {
  /** Milliseconds of any clock that does not go back. */
  readonly monotonicNow: () => number
  readonly sleep: (ms: number) => Promise<unknown>
}

/** Without a burst, unlike a token bucket: a burst on top of the rate would pass the quota in the first second. */
export function createPacer({ perSecond }: { readonly perSecond: number }, deps: PacerDeps): Pace {
  let next = -Infinity
  return async () => {
    const at = deps.monotonicNow()
    const start = Math.max(at, next)
    next = start + 1_000 / perSecond
    if (start > at) await deps.sleep(start - at)
  }
}
