// A job as its caller sees it: how far it is, and its rows; it shows nobody another caller's.
import { ServiceError } from '#shared/errors.ts'
import type { JobRows, JobStatus, RowState } from '#shared/job-contract.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import type { Job, JobTable, ListedRow, RowTable } from '../job-store/job-store.ts'

export type ShowJobDeps = { readonly jobs: JobTable; readonly rows: RowTable; readonly now: () => number }

export type OwnJob = { readonly id: string; readonly requestedBy: string }

type Counts = Readonly<Record<RowState, number>>

/** The job as it is now. Throws `job_not_found` unless it was accepted from this caller. */
export async function showJob(own: OwnJob, deps: ShowJobDeps, deadline: Deadline): Promise<JobStatus> {
  const job = await findOwn(own, deps, deadline)
  const counts = await deps.rows.count(job.id, job.rows, deadline)
  return statusOf(job, counts, deps.now())
}

/** Has what waits of the job wait no longer. A job that is at its end stays as it is. Throws as `showJob`. */
export async function cancelJob(own: OwnJob, deps: ShowJobDeps, deadline: Deadline): Promise<JobStatus> {
  const { id } = await findOwn(own, deps, deadline)
  await deps.jobs.cancel(id, deadline)
  return showJob(own, deps, deadline)
}

type Query = { readonly state?: RowState | undefined; readonly limit: number; readonly cursor?: string | undefined }

/** A page of the rows, in their order. Throws `job_not_found`, and `invalid_request` for a cursor that is none of ours. */
export async function listJobRows(
  own: OwnJob,
  { state, limit, cursor }: Query,
  deps: ShowJobDeps,
  deadline: Deadline,
): Promise<JobRows> {
  const after = cursor === undefined ? -1 : readRowCursor(cursor)
  const { id, rows: total } = await findOwn(own, deps, deadline)
  const rows = await deps.rows.list(id, total, { state, after, limit }, deadline)
  const last = rows.at(-1)?.row
  const isLast = rows.length < limit || last === undefined || last >= total - 1
  return { rows: rows.map(toWire), ...(!isLast && { cursor: writeRowCursor(last) }) }
}

/** The index of the last row that was shown. It opens nothing: a forged one only moves within the caller's own job. */
export function writeRowCursor(row: number): string {
  return Buffer.from(String(row)).toString('base64url')
}

/** Throws `invalid_request` for anything but what `writeRowCursor` gives. */
export function readRowCursor(cursor: string): number {
  const text = Buffer.from(cursor, 'base64url').toString()
  // To the letter: base64 has other ways to write the same bytes.
  if (/^(0|[1-9]\d{0,3})$/.test(text) && writeRowCursor(Number(text)) === cursor) return Number(text)
  throw new ServiceError('invalid_request', { errors: [{ parameter: 'cursor', detail: 'is not one of this list' }] })
}

/** What the rows say. The rate is that of the time since the job was made, or until the sweep found it at its end. */
export function statusOf(job: Job, counts: Counts, now: number): JobStatus {
  const worked = counts.done + counts.failed
  const until = job.endedAt === undefined ? now : Date.parse(job.endedAt)
  const perSecond = worked / Math.max(1, (until - Date.parse(job.createdAt)) / 1_000)
  const state = stateOf(job, counts)
  // Between its last row and that sweep it would fall.
  const isRated = worked > 0 && (counts.waiting > 0 || job.endedAt !== undefined)
  return {
    job_id: job.id,
    state,
    created_at: job.createdAt,
    rows: { total: job.rows, ...counts },
    ...(isRated && { rows_per_second: Math.round(perSecond * 100) / 100 }),
    ...(worked > 0 &&
      state === 'running' && { estimated_end: new Date(now + (counts.waiting / perSecond) * 1_000).toISOString() }),
    expires_at: new Date(job.expiresAt * 1_000).toISOString(),
  }
}

/** A job that was cancelled when no row waited any more was at its end before. */
function stateOf({ state }: Job, { waiting, cancelled }: Counts): JobStatus['state'] {
  if (waiting > 0) return state === 'cancelled' ? 'cancelling' : 'running'
  return cancelled > 0 ? 'cancelled' : 'finished'
}

/** DynamoDB removes expired items in days, and in no order: such a job is forgotten all the same. */
async function findOwn({ id, requestedBy }: OwnJob, { jobs, now }: ShowJobDeps, deadline: Deadline): Promise<Job> {
  const job = await jobs.find(id, deadline)
  const isForgotten = job !== undefined && job.expiresAt * 1_000 <= now()
  if (job?.requestedBy !== requestedBy || job.state === 'loading' || isForgotten)
    throw new ServiceError('job_not_found')
  return job
}

function toWire({ row, username, state, code, provisioningId, secretArn }: ListedRow): JobRows['rows'][number] {
  return {
    row,
    username,
    state,
    ...(code !== undefined && { code }),
    ...(provisioningId !== undefined && { provisioning_id: provisioningId }),
    ...(secretArn !== undefined && { secret_arn: secretArn }),
  }
}
