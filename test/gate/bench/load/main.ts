// `npm run bench:load`: says how the load run went, and ends with 0 only if no user was incomplete, lost or doubled.
import { open, type FileHandle } from 'node:fs/promises'
import { UsageError } from '../../../../infra/cli/command-line.ts'
import { endWithClosedPipe, failureText, paint } from '../../../../infra/local/terminal.ts'
import { runOnPair } from './run-on-pair.ts'
import { parseOptions, usage } from './options.ts'
import { resultText } from './result-text.ts'

const mostFindings = 20

/** The exit code. */
async function main(args: readonly string[]): Promise<number> {
  const options = parseOptions(args)
  if (options === undefined) {
    console.log(usage)
    return 0
  }
  // Opened before the run: nobody wants to learn of a misspelt folder after ten thousand users.
  await using file = options.json === undefined ? undefined : await openForWriting(options.json)
  console.log(
    `${options.count.toLocaleString('en')} users, ${options.concurrency} at a time, ${options.faultRate * 100} % faults, ` +
      `Cognito's quotas × ${options.quotaScale}, seed ${options.seed}\n`,
  )
  const { result, findings } = await runOnPair(options)
  await file?.writeFile(`${JSON.stringify(result, null, 2)}\n`)
  console.log(resultText(result))
  for (const finding of findings.slice(0, mostFindings)) console.log(paint('red', `  ${finding}`))
  if (findings.length > mostFindings) console.log(paint('red', `  and ${findings.length - mostFindings} more`))
  console.log(result.passed ? paint('green', '\nNo user incomplete, lost or doubled.') : paint('red', '\nFailed.'))
  return result.passed ? 0 : 1
}

async function openForWriting(name: string): Promise<FileHandle> {
  try {
    return await open(name, 'w')
  } catch {
    throw new UsageError('--json names a file that cannot be written.')
  }
}

endWithClosedPipe()
process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(paint('red', failureText(error)))
  if (!(error instanceof UsageError)) return 1
  console.error(`\n${usage}`)
  return 2
})
