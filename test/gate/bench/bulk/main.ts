// `npm run bench:bulk`: how fast jobs are worked off under faults and kills, and whether a row is lost, doubled or incomplete.
import { helpOption, readArgs, UsageError } from '../../../../infra/cli/command-line.ts'
import { paint, runMain } from '../../../../infra/local/terminal.ts'
import { printTable, writeResult } from '../report.ts'
import type { BulkOptions, BulkRun, Rate } from './run-bulk.ts'

const mostFindings = 20

const usage = `Usage: npm run bench:bulk -- [--rows N] [--scale N] [--generated SHARE] [--workers N] [--faults SHARE] [--seed N]

Has the pair on this machine work off a job, while a share of the calls to AWS fail, instances of job-worker are killed, and single
creations go on. Then it counts, in the pool, what became of the rows. Ends with 0 only if none is lost, doubled or incomplete.

  --rows N           rows of the job, 10 to 10000 (10000); before that a tenth, without faults and kills
  --scale N          Cognito's quotas, and the rates with them, times this (2: two cores reach about 40 rows a second)
  --generated SHARE  of the rows, those whose password is generated (0.5)
  --workers N        instances of job-worker (as deployed, 8, times the scale; 32 at most)
  --faults SHARE     of the calls to AWS, those that fail (0.05)
  --seed N           of faults and kills (1)
  --help             shows this`

await runMain(async () => {
  const { help, ...texts } = readArgs({
    options: {
      rows: { type: 'string', default: '10000' },
      scale: { type: 'string', default: '2' },
      generated: { type: 'string', default: '0.5' },
      workers: { type: 'string' },
      faults: { type: 'string', default: '0.05' },
      seed: { type: 'string', default: '1' },
      ...helpOption,
    },
  })
  if (help) {
    console.log(usage)
    return
  }
  const options = readOptions(texts)
  // Not before: --help and wrong usage load no pair.
  const { runBulk } = await import('./run-bulk.ts')
  const run = await runBulk(options)
  show(options, run)
  writeResult('bulk', { options, ...run })
  const { lost, doubled, incomplete, findings } = run.tally
  const passed = lost + doubled + incomplete === 0
  for (const finding of findings.slice(0, mostFindings)) console.log(paint('red', `  ${finding}`))
  if (findings.length > mostFindings) console.log(paint('red', `  and ${findings.length - mostFindings} more`))
  console.log(passed ? paint('green', '\nNo row lost, doubled or incomplete.') : paint('red', '\nFailed.'))
  process.exitCode = passed ? 0 : 1
})

function readOptions(texts: Readonly<Partial<Record<keyof BulkOptions, string>>>): BulkOptions {
  const scale = Number(texts.scale)
  const options = {
    rows: Number(texts.rows),
    scale,
    generated: Number(texts.generated),
    workers: texts.workers === undefined ? Math.max(2, Math.min(32, Math.round(8 * scale))) : Number(texts.workers),
    faults: Number(texts.faults),
    seed: Number(texts.seed),
  }
  const { rows, generated, workers, faults, seed } = options
  const usable = rows >= 10 && rows <= 10_000 && scale > 0 && scale <= 100 && isShare(generated) && workers >= 2
  if (!usable || !isShare(faults) || ![rows, workers, seed].every(Number.isInteger)) throw new UsageError(usage)
  return options
}

function isShare(value: number): boolean {
  return value >= 0 && value <= 1
}

function show({ rows, scale, workers, generated, faults }: BulkOptions, run: BulkRun): void {
  const share = (rate: Rate): string => `${((rate.reached * 100) / rate.admitted).toFixed(1)} %`
  const ofRate = (name: string, rate: Rate) => [
    name,
    rate.admitted.toFixed(1),
    rate.reached.toFixed(1),
    share(rate),
    (rate.ms / 1_000).toFixed(0),
  ]
  printTable(
    `Rows a second at ${scale} × Cognito's quotas with ${workers} job-workers, ${generated * 100} % of the passwords generated`,
    ['', 'admitted', 'reached', 'reached / admitted', 'over s'],
    [
      ofRate(`quiet: ${run.quiet.rows} rows`, run.quiet),
      ofRate(`${faults * 100} % faults, ${run.kills} kills: ${rows} rows`, run.disturbed),
    ],
  )
  const { done, failed, lost, doubled, incomplete } = run.tally
  console.log(`\n  done ${done}, failed ${JSON.stringify(failed)}; of a sample ${run.signedIn} signed in`)
  console.log(`  attempts that failed ${JSON.stringify(run.failedAttempts)}`)
  console.log(`  lost ${lost}, doubled ${doubled}, incomplete ${incomplete}`)

  const [tenth, all] = run.heap
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
  printTable(
    `Heap after a collection, in MB`,
    ['', `${Math.round(rows / 10)} rows`, `${rows} rows`, 'ratio (goal 1.1)'],
    (['worker', 'jobs'] as const).map((name) => [
      name,
      megabytes(tenth[name]),
      megabytes(all[name]),
      (all[name] / tenth[name]).toFixed(2),
    ]),
  )
  const { without, during } = run.singles
  printTable(
    'Single creations, five a second, under the same faults',
    ['', 'asked', '201 at once', '201 in the end', 'median ms'],
    Object.entries({ 'without the job': without, 'during the job': during }).map(([name, singles]) => [
      name,
      singles.asked,
      singles.createdAtOnce,
      singles.created,
      singles.medianMs.toFixed(0),
    ]),
  )
  printTable(
    'AWS calls in series for a row, with its message; a given password’s first Decrypt is once a job and instance',
    ['', 'calls'],
    Object.entries(run.calls).map(([name, calls]) => [`${name} password`, calls.length]),
  )
  for (const [name, calls] of Object.entries(run.calls)) console.log(`\n  ${name}: ${calls.join(', ')}`)
  console.log(`\n  ${share(run.disturbed)} of the admitted rate (goal 97 %), ${share(run.quiet)} in peace\n`)
}
