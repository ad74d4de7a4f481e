// `npm run bench:load`: says how the load run went, and ends with 0 only if no user was incomplete, lost or doubled.
import { UsageError } from '../../../../infra/cli/command-line.ts'
import { endWithClosedPipe, failureText, paint } from '../../../../infra/local/terminal.ts'
import { parseOptions, usage } from './options.ts'
import { hasPassed, resultText } from './result.ts'

const mostFindings = 20

/** The exit code. */
async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args)
  if (options === undefined) {
    console.log(usage)
    return 0
  }
  console.log(
    `${options.count.toLocaleString('en')} users, ${options.concurrency} at a time, ${options.faultRate * 100} % faults, ` +
      `Cognito's quotas × ${options.quotaScale}, seed ${options.seed}\n`,
  )
  // Not before: --help and wrong usage load no pair.
  const { runOnPair } = await import('./run-on-pair.ts')
  const run = await runOnPair(options)
  const { findings } = run.tally
  const passed = hasPassed(run.tally)
  console.log(resultText(run))
  for (const finding of findings.slice(0, mostFindings)) console.log(paint('red', `  ${finding}`))
  if (findings.length > mostFindings) console.log(paint('red', `  and ${findings.length - mostFindings} more`))
  console.log(passed ? paint('green', '\nNo user incomplete, lost or doubled.') : paint('red', '\nFailed.'))
  return passed ? 0 : 1
}

endWithClosedPipe()
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(paint('red', failureText(error)))
  if (!(error instanceof UsageError)) return 1
  console.error(`\n${usage}`)
  return 2
})
