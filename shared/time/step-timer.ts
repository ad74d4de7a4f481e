// Measures the steps of one request for its log line; it changes neither their order nor their outcome.
import type { LogField } from '../logger.ts'

export type StepField = Extract<LogField, `${string}_ms`>

export type StepTimer = {
  /** What `step` gives or throws; the time that it took is added to what the field holds already. */
  time<T>(field: StepField, step: () => Promise<T>): Promise<T>
  /** Whole milliseconds of each step so far, those that failed included. */
  fields(): Readonly<Partial<Record<StepField, number>>>
}

export function createStepTimer(now: () => number): StepTimer {
  const durations: Partial<Record<StepField, number>> = {}
  return {
    async time(field, step) {
      const startedAt = now()
      try {
        return await step()
      } finally {
        durations[field] = (durations[field] ?? 0) + Math.round(now() - startedAt)
      }
    },
    fields: () => ({ ...durations }),
  }
}
