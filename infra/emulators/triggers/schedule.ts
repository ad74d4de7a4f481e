// A schedule of EventBridge Scheduler, `rate(…)` without a start date: calls a function at once and then again and again.
//
// Not here: that Lambda repeats an asynchronous call that failed, twice.
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
import type { LambdaFunction } from '../gateway/lambda-function.ts'

/** Calls `tick` every `ms` from now on, until what it returns is called. */
export type Timer = (tick: () => void, ms: number) => () => void

export type ScheduleOptions = {
  readonly rateMs: number
  /** The event of each call. */
  readonly input: unknown
  readonly function: LambdaFunction
  readonly timer?: Timer
  readonly onFailure?: (error: unknown) => void
}

export type Schedule = {
  /** Calls no more, and waits for the calls that are under way. */
  close(): Promise<void>
}

/** A call that takes longer than the rate does not keep the next one waiting. */
export function startSchedule(options: ScheduleOptions): Schedule {
  const { rateMs, input, timer = realTimer, onFailure = () => undefined } = options
  const running = new Set<Promise<unknown>>()
  const call = (): void => {
    const run = options
      .function(input)
      .catch(onFailure)
      .finally(() => running.delete(run))
    running.add(run)
  }
  call()
  const stop = timer(call, rateMs)
  return {
    close: async () => {
      stop()
      await Promise.all(running)
    },
  }
}

const realTimer: Timer = (tick, ms) => {
  const interval = setInterval(tick, ms)
  return () => {
    clearInterval(interval)
  }
}
