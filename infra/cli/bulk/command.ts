// `npm run bulk`, put together from its arguments and streams; it ends no process and reads no global.
import { randomUUID } from 'node:crypto'
import type { Failure } from '#shared/client/answer.ts'
import { createLatchkeyClient, NotSignedError, type ClientDeps } from '#shared/client/latchkey-client.ts'
import type { Signing } from '#shared/client/sign-request.ts'
import { mostDryRows, mostRows } from '#shared/job-contract.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import { readRegion } from '../app1-options.ts'
import { UsageError } from '../command-line.ts'
import { escapeText } from '../escape.ts'
import { createProgress } from '../progress.ts'
import { reasonOf, reasonText } from '../reason.ts'
import { readCommand, usage, type Command } from './config.ts'
import { checkWritable, writeFailed } from './failed-file.ts'
import { readRows, type BulkRow } from './read-rows.ts'
import { exitCodeOf, jsonReport, textReport, type Ending, type ExitCode } from './report.ts'
import {
  collectFailed,
  forecastRows,
  sendJobs,
  StoppedError,
  watchJobs,
  type BulkDeps,
  type Course,
  type FailedRow,
  type ForecastRow,
  type PlannedJob,
} from './run-bulk.ts'
import { splitRows } from './split-rows.ts'
import { keepKeys, readKeys } from './state-file.ts'

export type { ExitCode }

export type CommandDeps = {
  readonly stdout: NodeJS.WritableStream
  readonly stderr: NodeJS.WritableStream & { readonly isTTY?: boolean }
  readonly client?: ClientDeps
  /** Of the human in whose name the users are created. */
  readonly humanToken?: SecretValue | undefined
  readonly sleep: (ms: number) => Promise<unknown>
  readonly monotonicNow: () => number
  /** Where the URL names no Region. */
  readonly configuredRegion: () => Promise<string | undefined>
  /** Resolves when somebody stops the command by Ctrl-C; absent: nobody does. */
  readonly interrupted?: Promise<void>
  /** The operator's own. */
  readonly credentials: (region: string) => Signing['credentials']
}

export async function runCommand(args: readonly string[], deps: CommandDeps): Promise<ExitCode> {
  const course: Course = { begun: false, stopped: false, jobs: [] }
  try {
    const command = readCommand(args)
    if (command !== undefined) return await run(command, course, deps)
    deps.stdout.write(usage)
    return 0
  } catch (error) {
    if (error instanceof UsageError) deps.stderr.write(`${error.message}\n`)
    else if (error instanceof NotSignedError) {
      const what = course.jobs.length > 0 ? 'Jobs that were sent go on: repeat the command.' : 'Nothing was sent.'
      deps.stderr.write(`No AWS credentials could be had. ${what}\n${reasonText(reasonOf(error.cause))}\n`)
    } else throw error
    return course.jobs.length > 0 ? 3 : 2
  }
}

async function run(command: Command, course: Course, deps: CommandDeps): Promise<ExitCode> {
  const region = readRegion(command.region ?? (await deps.configuredRegion()))
  const { stdout, stderr, monotonicNow, sleep } = deps
  const progress = stderr.isTTY ? createProgress({ write: (text) => stderr.write(text), monotonicNow }) : undefined
  const onWait = ({ waitMs, failure }: { readonly waitMs: number; readonly failure: Pick<Failure, 'code'> }): void => {
    progress?.clear()
    if (stderr.isTTY) stderr.write(`${escapeText(failure.code)}: asking again in ${Math.ceil(waitMs / 1_000)} s\n`)
  }
  // A job of many rows is taken slowly, and a repeat goes on where it stopped.
  const options = { url: command.url, region, credentials: deps.credentials(region), totalMs: 180_000, onWait }
  const client = createLatchkeyClient(options, deps.client)
  const stopped: Promise<Ending> = (deps.interrupted ?? new Promise<never>(() => undefined)).then(() => ({
    ...Object.assign(course, { stopped: true }),
    kind: 'stopped',
  }))
  const ending = await Promise.race([
    work(command, course, { client, progress, sleep, humanToken: deps.humanToken }, deps),
    stopped,
  ]).finally(() => progress?.clear())
  const keyed = { ...command, region, isNamed: deps.humanToken !== undefined }
  stdout.write(command.json ? jsonReport(ending, keyed) : textReport(ending, keyed))
  return exitCodeOf(ending)
}

async function work(command: Command, course: Course, bulk: BulkDeps, deps: CommandDeps): Promise<Ending> {
  const { source, failedPath } = command
  if (source.kind === 'jobs') {
    course.begun = true
    course.jobs.push(...source.ids.map((id) => ({ id, rows: undefined })))
  } else {
    const { rows, problems } = await readRows(source.path, { ...command, isNamed: deps.humanToken !== undefined })
    if (problems.length > 0) return { kind: 'problems', problems }
    const jobs = await planJobs(source.path, rows, command, deps)
    if (command.dryRun) return forecast(jobs, rows, bulk, deps)
    await checkWritable(failedPath)
    if (course.stopped) throw new StoppedError()
    await keepKeys(source.path, { url: command.url, rows, keys: jobs.map(({ key }) => key) })
    const refused = await sendJobs(jobs, course, bulk)
    if (refused) return { kind: 'refused', ...refused, ...course }
  }
  const failed: FailedRow[] = []
  const refused = (await watchJobs(course, bulk)) ?? (await collectFailed(course, failed, bulk))
  if (refused) return { kind: 'refused', ...refused, ...course }
  if (failed.length > 0) await writeFailed(failedPath, failed)
  return { kind: 'ended', failed, jobs: course.jobs }
}

/** Under the keys of the time before, where the file is the same. Throws UsageError where a sending would lose other keys. */
async function planJobs(
  path: string,
  rows: readonly BulkRow[],
  { url, dryRun }: Command,
  { client }: CommandDeps,
): Promise<readonly PlannedJob[]> {
  const parts = splitRows(rows, { mostRows })
  const kept = await readKeys(path, { url, rows, jobs: parts.length })
  if (kept.kind === 'other' && !dryRun) {
    throw new UsageError(
      'The file beside the CSV file that ends in .bulk.json is of other users, of another --url or --generate-for, or cannot be read. Delete it to send the CSV file as new jobs. Nothing was sent.',
    )
  }
  const keys = kept.kind === 'same' ? kept.keys : []
  return parts.map((part, index) => ({ rows: part, key: keys[index] ?? newKey(client) }))
}

/** A dry run that is a whole job is that of the job, under its key, and knows what the job has created. */
async function forecast(
  jobs: readonly PlannedJob[],
  rows: readonly BulkRow[],
  bulk: BulkDeps,
  { client }: CommandDeps,
): Promise<Ending> {
  const parts = splitRows(rows, { mostRows: mostDryRows })
  const planned =
    parts.length === jobs.length && parts.length === 1
      ? jobs
      : parts.map((part) => ({ rows: part, key: newKey(client) }))
  const forecasts: ForecastRow[] = []
  const refused = await forecastRows(planned, forecasts, bulk)
  if (refused === undefined) return { kind: 'forecast', rows: forecasts }
  // Whoever answers otherwise may have taken it for the job.
  const begun = refused.failure.code === 'unreadable_answer'
  return { kind: 'refused', ...refused, begun, jobs: [] }
}

function newKey(client: ClientDeps | undefined): string {
  return (client?.newIdempotencyKey ?? randomUUID)()
}
