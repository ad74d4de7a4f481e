// Times several contestants against each other in one process; it never compares figures of two runs.
import { collectGarbage } from './collect-garbage.ts'

export type Contestant = {
  readonly name: string
  /** Made anew for each round and not timed, so that what it hands out was seen by nobody before. */
  readonly prepare: (operations: number) => () => unknown
}

/** Of one contestant: the mean of each round, in microseconds. */
export type Timings = readonly number[]

/**
 * Each round runs every contestant once, in turn and in another order, so that what the machine does meanwhile falls
 * on all of them. What an operation gives back is consumed, and awaited if it is a promise.
 */
export async function measure(
  contestants: readonly Contestant[],
  { rounds, operations }: { readonly rounds: number; readonly operations: number },
): Promise<ReadonlyMap<string, Timings>> {
  const means = new Map(contestants.map(({ name }) => [name, [] as number[]]))
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (const { name, prepare } of rotate(contestants, round)) {
      const operation = prepare(operations)
      // What was made to prepare the round is far more than an operation makes: its collection is nobody's time. After
      // two minor ones what is still needed is with the old; a major one would also drop code that others wait to run.
      collectGarbage({ type: 'minor' })
      collectGarbage({ type: 'minor' })
      const mean = await timeRound(operation, operations)
      if (round >= 0) means.get(name)?.push(mean * 1_000)
    }
  }
  return means
}

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

/** What the compiler needs to have seen before it is at its best. */
const warmUpRounds = 3

/** Nobody reads it; it keeps the compiler from dropping the work. */
let consumed = 0

async function timeRound(operation: () => unknown, operations: number): Promise<number> {
  const startedAt = performance.now()
  for (let done = 0; done < operations; done += 1) {
    const result = operation()
    const value = result instanceof Promise ? await (result as Promise<unknown>) : result
    if (value !== undefined) consumed += 1
  }
  return (performance.now() - startedAt) / operations
}

/** The items in another order for each `by`, which may be negative: who comes first gets no advantage of it. */
export function rotate<T>(items: readonly T[], by: number): T[] {
  const start = ((by % items.length) + items.length) % items.length
  return [...items.slice(start), ...items.slice(0, start)]
}

export const consumedSoFar = (): number => consumed
