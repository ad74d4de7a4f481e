// `npm run bench:load`: says how the load run went, and ends with 0 only if no user was incomplete, lost or doubled.
import { helpOption, readArgs, UsageError } from '../../../../infra/cli/command-line.ts'
import { paint, runMain } from '../../../../infra/local/terminal.ts'
import { hasPassed, resultText } from './result.ts'

const mostFindings = 20

const usage = `Usage: npm run bench:load -- [--count N] [--seed N]

Creates users through the pair on this machine, 64 at a time, while 5 % of the calls to AWS fail and twenty times Cognito's
quotas are in force, with a caller that obeys Retry-After and repeats with the same Idempotency-Key until it has a final
answer. Then it counts, in the pool, what became of them. Ends with 0 only if no user is incomplete, lost or doubled.

  --count N  users to create (10000)
  --seed N   of faults and hang-ups (1)
  --help     shows this`

await runMain(async () => {
  const { count, seed, help } = readArgs({
    options: { count: { type: 'string', default: '10000' }, seed: { type: 'string', default: '1' }, ...helpOption },
  })
  if (help) {
    console.log(usage)
    return
  }
  if (![count, seed].every((text) => /^\d{1,7}$/.test(text))) throw new UsageError(usage)
  // Not before: --help and wrong usage load no pair.
  const { runOnPair } = await import('./run-on-pair.ts')
  const run = await runOnPair({ count: Number(count), seed: Number(seed) })
  const { findings } = run.tally
  const passed = hasPassed(run.tally)
  console.log(resultText(run))
  for (const finding of findings.slice(0, mostFindings)) console.log(paint('red', `  ${finding}`))
  if (findings.length > mostFindings) console.log(paint('red', `  and ${findings.length - mostFindings} more`))
  console.log(passed ? paint('green', '\nNo user incomplete, lost or doubled.') : paint('red', '\nFailed.'))
  process.exitCode = passed ? 0 : 1
})
