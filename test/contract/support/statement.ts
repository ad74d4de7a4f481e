// States one thing that the pair relies on from AWS; where an implementation is known to differ, it has to go on differing.
import { expect, it } from 'vitest'
import { isKnownToDiffer } from '../known-differences/implementations.ts'
import { implementation } from './environment.ts'

/**
 * A test. Against an implementation whose list of known differences holds `text`, the test passes only if `holds` fails
 * by its own expectation, or by an answer that it did not expect: a difference that is gone, or a failure of another
 * kind, fails it.
 */
export function statement(text: string, holds: () => Promise<void>): void {
  if (implementation === undefined || !isKnownToDiffer(implementation, text)) {
    it(text, holds)
    return
  }
  it(`${text} [${implementation} is known to differ]`, () => differs(holds))
}

/** States that `call` is refused with the exception that `text` names last. */
export function refused(text: string, call: () => Promise<unknown>): void {
  statement(text, async () => {
    expect(await refusal(call())).toBe(text.match(/\w+Exception/g)?.at(-1))
  })
}

/** States that `call` is refused so for each of `values`. */
export function refusedEach<T>(text: string, values: readonly T[], call: (value: T) => Promise<unknown>): void {
  statement(text, async () => {
    const names: string[] = []
    for (const value of values) names.push(await refusal(call(value)))
    expect(names).toEqual(values.map(() => text.match(/\w+Exception/g)?.at(-1)))
  })
}

/** States that `call` is not refused. */
export function accepted(text: string, call: () => Promise<unknown>): void {
  statement(text, async () => {
    expect(await refusal(call())).toBe('none')
  })
}

/** Rejects if `holds` does not fail, or fails by anything but an expectation or an answer that it did not expect. */
export async function differs(holds: () => Promise<void>): Promise<void> {
  const failure = await holds().then(
    () => undefined,
    (error: unknown) => error,
  )

  expect(failure, 'no longer differs: take it out of the known differences').toBeDefined()
  // A lost connection, or a fault of the test's own, is no difference between implementations.
  if (!isFailedExpectation(failure) && !isAnswer(failure)) throw failure
}

/** The name of the exception that AWS answers `call` with, or `none`. Anything but an exception of AWS is thrown on. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call
    return 'none'
  } catch (error) {
    if (error instanceof Error && '$fault' in error) return error.name
    throw error
  }
}

function isFailedExpectation(error: unknown): boolean {
  return error instanceof Error && error.name === 'AssertionError'
}

// The SDK notes the HTTP status of what it was answered, be it an exception or the error page of an emulator.
function isAnswer(error: unknown): boolean {
  if (!(error instanceof Error) || !('$metadata' in error)) return false
  const metadata = error.$metadata
  return typeof metadata === 'object' && metadata !== null && 'httpStatusCode' in metadata
}
