// A clock that stands still until a test moves it. Times are epoch milliseconds.

export type ManualClock = { readonly now: () => number; advance(byMs: number): void }

export function manualClock(startsAt = Date.UTC(2026, 0, 1)): ManualClock {
  let time = startsAt
  return {
    now: () => time,
    advance: (byMs) => {
      time += byMs
    },
  }
}
