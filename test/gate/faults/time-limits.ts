// How long functions and AWS calls may take in a case: as in production, unless it has to be waited for to the end.
import type { Fault } from './fault.ts'
import type { PlayedFunction } from './operations.ts'

/** What an app keeps of its function's time for the answer, and App2 besides for its compensation. */
const answerMarginMs = 500
const compensationMs = 4_000

/** More than any request needs, time-outs included. */
export const ampleMs: Readonly<Record<PlayedFunction, number>> = {
  'app1-provisioner': 15_000,
  'create-user': answerMarginMs + compensationMs + 6_000,
  'manage-users': answerMarginMs + 6_000,
  authorizer: 5_000,
}

/** In place of the 3 s that an attempt of an AWS call has. */
const impatientMs = 250

/** Of these nothing is heard until somebody gives up. */
const silentKinds = new Set<string>(['timed-out', 'lost-in-timeout', 'late'])

/** App1 waits for App2 to the end of its time. `workingMs` is what App2 has, before its compensation where there is one. */
export function timeoutsFor(
  faults: readonly Fault[],
  workingMs: number | undefined,
): Readonly<Record<PlayedFunction, number>> {
  const isApp2Silent = faults.some(({ operation, kind }) => operation === 'App2' && silentKinds.has(kind))
  return {
    ...ampleMs,
    ...(isApp2Silent && { 'app1-provisioner': answerMarginMs + 2_000 }),
    ...(workingMs !== undefined && {
      'create-user': answerMarginMs + compensationMs + workingMs,
      'manage-users': answerMarginMs + workingMs,
    }),
  }
}

/** One attempt of an AWS call. Only where one is left without an answer: a busy machine must not look like a fault. */
export function attemptMsFor(faults: readonly Fault[], usualMs: number): number {
  return faults.some(({ kind }) => silentKinds.has(kind)) ? impatientMs : usualMs
}
