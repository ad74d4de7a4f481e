// The story of one run: send the rows as jobs, watch these to their end, and ask which rows failed; or ask what would happen.
import type { Failure } from '#shared/client/answer.ts'
import { createJob, getJob, listJobRows } from '#shared/client/generated/sdk.gen.ts'
import type { JobRow, JobStatus } from '#shared/client/generated/types.gen.ts'
import type { Client } from '#shared/client/latchkey-client.ts'
import type { Forecast } from '#shared/job-contract.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import { humanHeaders } from '../human-token.ts'
import type { Progress } from '../progress.ts'
import type { BulkRow } from './read-rows.ts'
import { toRequestRow } from './split-rows.ts'

export type BulkDeps = {
  readonly client: Client
  readonly humanToken?: SecretValue | undefined
  /** Absent where nobody would see it. */
  readonly progress?: Progress | undefined
  readonly sleep: (ms: number) => Promise<unknown>
}

/** Of a job that is to be sent. */
export type PlannedJob = { readonly key: string; readonly rows: readonly BulkRow[] }

/** A job that App1 has. */
export type SentJob = {
  readonly id: string
  /** Undefined where the file is not at hand. */
  readonly rows: readonly BulkRow[] | undefined
  /** As it was when it was last asked for. */
  status?: JobStatus
}

/** What is known of a run at any time: it may be stopped at any. */
export type Course = {
  /** Whether App1 was asked to create anything. */
  begun: boolean
  /** From then on App1 is asked to create nothing more. */
  stopped: boolean
  readonly jobs: SentJob[]
}

/** Somebody has stopped the run, and has been told how it stands. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError'
}

export type FailedRow = Pick<JobRow, 'username'> & {
  /** Both undefined where the file is not at hand. */
  readonly line: number | undefined
  readonly humanUserId: string | undefined
  readonly code: string
}

/** A request that App1 did not do, and the rows that were in it. */
export type Refused = { readonly failure: Failure; readonly rows: readonly BulkRow[] }

/**
 * One after another, into `course`. The same jobs, sent again under the same keys, are no other ones. Throws StoppedError.
 */
export async function sendJobs(
  jobs: readonly PlannedJob[],
  course: Course,
  { client, humanToken, progress }: BulkDeps,
): Promise<Refused | undefined> {
  const total = countOf(jobs)
  for (const { key, rows } of jobs) {
    progress?.show({ label: 'Sending', done: countOf(course.jobs), total, pace: { perSecond: undefined } })
    if (course.stopped) throw new StoppedError()
    course.begun = true
    const headers = { 'Idempotency-Key': key, ...humanHeaders(humanToken) }
    const answer = await createJob({ client, headers, body: { rows: rows.map(toRequestRow) } })
    if (!answer.ok) return { failure: answer, rows }
    if (answer.status !== 202) return { failure: unexpected(answer.status), rows }
    course.jobs.push({ id: answer.data.job_id, rows })
  }
  return undefined
}

/** Counts are made from the rows each time: oftener than this would cost more than it tells. */
const pollMs = 3_000

/** Until all jobs are at their end; each then has its last status. */
export async function watchJobs({ jobs }: Course, deps: BulkDeps): Promise<Refused | undefined> {
  for (;;) {
    for (const job of jobs.filter((candidate) => !isOver(candidate))) {
      const answer = await getJob({ client: deps.client, path: { id: job.id } })
      if (!answer.ok) return { failure: answer, rows: [] }
      job.status = answer.data
    }
    if (jobs.every(isOver)) return undefined
    showWatched(jobs, deps.progress)
    await deps.sleep(pollMs)
  }
}

function isOver({ status }: SentJob): boolean {
  return status?.state === 'finished' || status?.state === 'cancelled'
}

function showWatched(jobs: readonly SentJob[], progress: Progress | undefined): void {
  const known = jobs.flatMap(({ status }) => status ?? [])
  const sum = (count: (status: JobStatus) => number): number => known.reduce((all, status) => all + count(status), 0)
  const running = jobs.flatMap((job) => (isOver(job) ? [] : (job.status?.rows_per_second ?? [])))
  progress?.show({
    label: 'Creating',
    done: sum(({ rows }) => rows.total - rows.waiting),
    total: sum(({ rows }) => rows.total),
    pace: { perSecond: running.length === 0 ? undefined : running.reduce((all, rate) => all + rate, 0) },
  })
}

/** Into `failed`: the rows that are no users, in the order of the jobs and of their rows. */
export async function collectFailed(
  { jobs }: Course,
  failed: FailedRow[],
  { client }: BulkDeps,
): Promise<Refused | undefined> {
  for (const { id, rows, status } of jobs) {
    const ofJob: (FailedRow & { readonly row: number })[] = []
    for (const state of ['failed', 'cancelled'] as const) {
      if (status?.rows[state] === 0) continue
      for (let cursor: string | undefined; ;) {
        const query = { state, limit: '1000', ...(cursor !== undefined && { cursor }) }
        const page = await listJobRows({ client, path: { id }, query })
        if (!page.ok) return { failure: page, rows: [] }
        for (const { row, username, code = state } of page.data.rows) {
          const ofFile = rows?.[row]
          ofJob.push({ row, username, code, line: ofFile?.line, humanUserId: ofFile?.humanUserId })
        }
        cursor = page.data.cursor
        if (cursor === undefined) break
      }
    }
    ofJob.sort((one, other) => one.row - other.row)
    failed.push(...ofJob.map(({ username, code, line, humanUserId }) => ({ username, code, line, humanUserId })))
  }
  return undefined
}

export type ForecastRow = Forecast & Pick<BulkRow, 'line' | 'username'>

/** Into `forecasts`: what would become of each row, in their order. Nothing is created. */
export async function forecastRows(
  parts: readonly PlannedJob[],
  forecasts: ForecastRow[],
  { client, humanToken, progress }: BulkDeps,
): Promise<Refused | undefined> {
  const total = countOf(parts)
  for (const { key, rows } of parts) {
    progress?.show({ label: 'Checking', done: forecasts.length, total, pace: { perSecond: undefined } })
    const body = { rows: rows.map(toRequestRow) }
    const headers = { 'Idempotency-Key': key, ...humanHeaders(humanToken) }
    const answer = await createJob({ client, headers, body, query: { dry_run: 'true' } })
    if (!answer.ok) return { failure: answer, rows }
    if (answer.status !== 200 || answer.data.rows.length !== rows.length) {
      return { failure: unexpected(answer.status), rows }
    }
    for (const [index, { line, username }] of rows.entries()) {
      const { would, code } = answer.data.rows[index] ?? { would: 'refuse' }
      forecasts.push({ line, username, would, ...(code !== undefined && { code }) })
    }
  }
  return undefined
}

function countOf(jobs: readonly { readonly rows: readonly BulkRow[] | undefined }[]): number {
  return jobs.reduce((all, { rows = [] }) => all + rows.length, 0)
}

function unexpected(status: number): Failure {
  const message = 'The answer is that of another request.'
  return { ok: false, code: 'unreadable_answer', message, status, outcome: 'unknown', attempts: 1 }
}
