// What a run prints: one line for each step and check, `ok` or `FAILED`, and a summary.
import { failureText, paint } from '#infra/local/terminal.ts'

/** A step without which the run cannot go on has failed; the report has told it. */
export class StepFailedError extends Error {
  override readonly name = 'StepFailedError'
}

export type Report = {
  /** What `run` gives. Rejects with StepFailedError when it fails. */
  step<Result>(text: string, run: () => Promise<Result>): Promise<Result>
  /** Passes when `run` finds no problem. Never rejects. */
  check(text: string, run: () => Promise<readonly string[]> | readonly string[]): Promise<void>
  /** The last line, and whether all was well. */
  finish(extra: string): boolean
}

export function createReport(deps: {
  readonly write: (line: string) => void
  readonly monotonicNow: () => number
  /** What fails once it is aborted was broken off: it is not told, and not counted. */
  readonly signal: AbortSignal
}): Report {
  const { write, monotonicNow, signal } = deps
  const beganAt = monotonicNow()
  let passed = 0
  let failed = 0

  const line = (text: string, { problems, sinceMs }: { problems: readonly string[]; sinceMs: number }): void => {
    const isOk = problems.length === 0
    if (!isOk && signal.aborted) return
    if (isOk) passed += 1
    else failed += 1
    const mark = isOk ? paint('green', 'ok    ') : paint('red', 'FAILED')
    write(`${mark} ${text} ${paint('dim', `(${seconds(monotonicNow() - sinceMs)})`)}`)
    for (const problem of problems) write(problem.replaceAll(/^/gm, '         '))
  }

  return {
    step: async (text, run) => {
      const sinceMs = monotonicNow()
      try {
        const result = await run()
        line(text, { problems: [], sinceMs })
        return result
      } catch (error) {
        line(text, { problems: [failureText(error)], sinceMs })
        throw new StepFailedError()
      }
    },
    check: async (text, run) => {
      const sinceMs = monotonicNow()
      const problems = await Promise.resolve()
        .then(run)
        .catch((error: unknown) => [failureText(error)])
      line(text, { problems, sinceMs })
    },
    finish: (extra) => {
      const counts = `${passed} passed, ${failed} failed, ${extra}, in ${seconds(monotonicNow() - beganAt)}`
      write(paint(failed === 0 ? 'green' : 'red', counts))
      return failed === 0
    },
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
