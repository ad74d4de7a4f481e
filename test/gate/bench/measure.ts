// The figures of rounds in which several contestants were timed; it never compares those of two runs.

/** Of one contestant: the figure of each round. */
export type Timings = readonly number[]

/**
 * The median of the rounds' own ratios. A machine that others use is now fast and now slow; within one round it is mostly
 * the same for both.
 */
export function medianRatio(over: Timings, under: Timings): number {
  return median(over.map((value, round) => value / (under[round] ?? NaN)))
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2
}

/** The items in another order for each `by`, which may be negative: who comes first gets no advantage of it. */
export function rotate<T>(items: readonly T[], by: number): T[] {
  const start = ((by % items.length) + items.length) % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}
