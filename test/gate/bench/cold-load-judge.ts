// What the cold starts of a function come to, beside its baseline's of the same rounds, and whether its goals are reached.
import type { Duration } from './cold-process.ts'
import { median, medianRatio } from './measure.ts'

/** One cold start. `first` is the first answer, under the share of the function's memory. */
export type ColdStart = { readonly init: Duration; readonly first: Duration }

/** Medians over the rounds. Ratios are of processor time, which a busy machine disturbs less; NaN without a baseline. */
export type ColdStartSummary = {
  readonly init: Duration
  readonly first: Duration
  readonly sumCpuMs: number
  readonly firstRatio: number
  readonly sumRatio: number
}

/** What a function may take at most: in milliseconds of processor time, or times its baseline. */
export type ColdStartGoal = { readonly firstCpuMs: number; readonly firstRatio?: number; readonly sumRatio?: number }

/** `baseline` has one cold start for each of `starts`, taken in the same round. */
export function summarize(starts: readonly ColdStart[], baseline: readonly ColdStart[] = []): ColdStartSummary {
  const first = ({ first: { cpuMs } }: ColdStart): number => cpuMs
  const sum = ({ init, first: { cpuMs } }: ColdStart): number => init.cpuMs + cpuMs
  return {
    init: medianDuration(starts.map(({ init }) => init)),
    first: medianDuration(starts.map((start) => start.first)),
    sumCpuMs: median(starts.map(sum)),
    firstRatio: medianRatio(starts.map(first), baseline.map(first)),
    sumRatio: medianRatio(starts.map(sum), baseline.map(sum)),
  }
}

export function medianDuration(durations: readonly Duration[]): Duration {
  return { wallMs: median(durations.map(({ wallMs }) => wallMs)), cpuMs: median(durations.map(({ cpuMs }) => cpuMs)) }
}

/** The goals that are missed, worded with what was measured; none of them: all are reached. */
export function missedGoals(goal: ColdStartGoal, summary: ColdStartSummary): string[] {
  const limits = [
    ['first answer', summary.first.cpuMs, goal.firstCpuMs, 'ms'],
    ['first answer', summary.firstRatio, goal.firstRatio, '× its baseline'],
    ['init and first answer', summary.sumRatio, goal.sumRatio, '× its baseline'],
  ] as const
  return limits.flatMap(([what, measured, most, unit]) =>
    most === undefined || measured <= most ? [] : [`${what} ${measured.toFixed(2)} of ${most} ${unit}`],
  )
}
