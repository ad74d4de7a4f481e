// A call to AWS of the drift report: when it may start, and what is told of one that failed.
import { reasonOf } from '../reason.ts'

/**
 * A call that did not succeed: the operation, the exception's name and, for the operator's eyes, what AWS or the SDK said.
 * A log takes the name alone: the message may repeat a username.
 */
export class AwsCallError extends Error {
  override readonly name = 'AwsCallError'
  readonly operation: string
  readonly reason: string
  readonly details: string | undefined

  constructor(operation: string, reason: string, details?: string) {
    super(`${operation}: ${reason}`)
    this.operation = operation
    this.reason = reason
    this.details = details
  }
}

/** As the reports tell it; `message` is AWS's or the SDK's own, where there is one. */
export type FailedCall = { readonly operation: string; readonly reason: string; readonly message?: string }

export function failedCall({ operation, reason, details }: AwsCallError): FailedCall {
  return { operation, reason, ...(details !== undefined && { message: details }) }
}

export function rethrowFrom(operation: string): (error: unknown) => never {
  return (error) => {
    const { name, message } = reasonOf(error)
    throw new AwsCallError(operation, name, message)
  }
}

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
