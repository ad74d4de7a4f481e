// What a run prints: one line for each step and check, `ok` or `FAILED`, and a summary.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

/**
 * Gives `work` a report, a folder that is removed in the end, and a signal that Ctrl-C aborts. The exit code is 0 only
 * where nothing failed and nothing was broken off.
 */
export async function runReported(
  summary: string,
  work: (run: { readonly report: Report; readonly home: string; readonly signal: AbortSignal }) => Promise<void>,
): Promise<void> {
  const stopped = new AbortController()
  const { signal } = stopped
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, stopped.abort.bind(stopped, undefined))
  const report = createReport(signal)
  const home = await mkdtemp(join(tmpdir(), 'latchkey-gate-'))
  try {
    await work({ report, home, signal })
  } catch (error) {
    if (!(error instanceof StepFailedError || signal.aborted)) throw error
  } finally {
    await rm(home, { recursive: true })
  }
  if (signal.aborted) console.log('Stopped.')
  process.exitCode = !signal.aborted && report.finish(summary) ? 0 : 1
}

/** What fails once `signal` is aborted was broken off: it is not told, and not counted. */
function createReport(signal: AbortSignal): Report {
  const beganAt = performance.now()
  let passed = 0
  let failed = 0

  const line = (text: string, { problems, sinceMs }: { problems: readonly string[]; sinceMs: number }): void => {
    const isOk = problems.length === 0
    if (!isOk && signal.aborted) return
    if (isOk) passed += 1
    else failed += 1
    const mark = isOk ? paint('green', 'ok    ') : paint('red', 'FAILED')
    console.log(`${mark} ${text} ${paint('dim', `(${seconds(performance.now() - sinceMs)})`)}`)
    for (const problem of problems) console.log(problem.replaceAll(/^/gm, '         '))
  }

  return {
    step: async (text, run) => {
      const sinceMs = performance.now()
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
      const sinceMs = performance.now()
      const problems = await Promise.resolve()
        .then(run)
        .catch((error: unknown) => [failureText(error)])
      line(text, { problems, sinceMs })
    },
    finish: (extra) => {
      const counts = `${passed} passed, ${failed} failed, ${extra}, in ${seconds(performance.now() - beganAt)}`
      console.log(paint(failed === 0 ? 'green' : 'red', counts))
      return failed === 0
    },
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
