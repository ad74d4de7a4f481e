// The story of a job's acceptance: from rows that were checked to a job that is kept and at work.
import { randomInt } from 'node:crypto'
import { rethrowUndone, ServiceError } from '#shared/errors.ts'
import type { Human } from '#shared/human/human-proof.ts'
import { evidenceForSeconds, type SealEvidence } from '#shared/human/job-evidence.ts'
import type { Logger } from '#shared/logger.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import type { DataKey, MakeDataKey } from '../job-store/data-keys.ts'
import { sealRowPassword } from '../job-store/job-cipher.ts'
import type { Job, JobHuman, JobQueue, JobTable, NewJob, NewRow, RowTable } from '../job-store/job-store.ts'
import type { CheckedRow } from './check-rows.ts'
import { fingerprintOf, makeJobId } from './job-identity.ts'

export type AcceptJobDeps = {
  readonly jobs: JobTable
  readonly rows: RowTable
  readonly queue: JobQueue
  readonly makeDataKey: MakeDataKey
  /** Absent where no issuer of humans' tokens is configured. */
  readonly sealEvidence?: SealEvidence | undefined
  readonly now: () => number
}

export type WantedJob = {
  readonly requestedBy: string
  readonly idempotencyKey: string
  readonly rows: readonly CheckedRow[]
  /** Whom a token names; absent where none did. */
  readonly human?: Human | undefined
}

type Context = { readonly idempotencySecret: SecretValue; readonly deadline: Deadline; readonly logger: Logger }

const keptForSeconds = 30 * 24 * 60 * 60
/** Of one caller: with 10,000 rows each, the work of a day and a half. */
const openJobsAtMost = 200
/** A write that was begun before the deadline is over by then. */
const claimMarginMs = 2_000

/**
 * The id of the job, whose rows are all kept and waiting. A repeat goes on where the one before it stopped, or gives the same id.
 * Throws `idempotency_key_reused` for other rows under the same key, `throttled` while another request writes the same job or the
 * caller has too many, and what KMS and the table fail with: then a repeat finishes it, and nothing is worked off before.
 */
export async function acceptJob(request: WantedJob, deps: AcceptJobDeps, context: Context): Promise<string> {
  const { idempotencySecret, deadline, logger } = context
  const id = makeJobId(idempotencySecret, request)

  const wanted = newJob(id, request, deps.now(), idempotencySecret)
  const job = await beginOrRecognise(wanted, request.human, deps, deadline)
  if (job.state !== 'loading') return id
  await admitOne(request, deps, deadline)
  const isLoaded = await load(job, request.rows, deps, deadline)
  if (!isLoaded) return id

  const ids = request.rows.map((_, row) => ({ job: id, row }))
  const unsent = await deps.queue.send(ids, deadline)
  logger.info('job accepted', { job: id, outcome: unsent === 0 ? 'sent' : 'sent in part' })
  return id
}

function newJob(id: string, { requestedBy, rows }: WantedJob, now: number, secret: SecretValue): NewJob {
  return {
    id,
    requestedBy,
    createdAt: new Date(now).toISOString(),
    rows: rows.length,
    fingerprint: fingerprintOf(secret, rows),
    expiresAt: Math.floor(now / 1_000) + keptForSeconds,
  }
}

/** What of the human's token is kept: a repeat comes with another one, and the job keeps the first. */
async function sealHuman(
  { id: jobId, requestedBy }: NewJob,
  human: Human | undefined,
  { sealEvidence, now }: AcceptJobDeps,
  deadline: Deadline,
): Promise<JobHuman | undefined> {
  if (human?.proof.kind !== 'verified') return undefined
  if (sealEvidence === undefined) throw new ServiceError('internal_error', { reason: 'no_evidence_sealer' })
  const { issuer, sub, jti } = human.proof
  const notAfter = Math.floor(now() / 1_000) + evidenceForSeconds
  const evidence = { issuer, sub, jti, humanUserId: human.humanUserId, jobId, requestedBy, notAfter }
  const sealed = await sealEvidence(evidence, { signal: deadline.signal() }).catch(rethrowUndone)
  return { issuer, sub, jti, evidence: sealed }
}

async function beginOrRecognise(
  wanted: NewJob,
  human: Human | undefined,
  deps: AcceptJobDeps,
  deadline: Deadline,
): Promise<Job> {
  const { jobs } = deps
  // To seal is a call of KMS, which a repeat has no use for.
  const known = human && (await jobs.find(wanted.id, deadline))
  if (known === undefined) {
    await jobs.begin({ ...wanted, human: await sealHuman(wanted, human, deps, deadline) }, deadline)
  }
  const kept = known ?? (await jobs.find(wanted.id, deadline))
  if (kept === undefined) throw new ServiceError('upstream_error', { reason: 'job_not_kept' })
  if (kept.requestedBy !== wanted.requestedBy || kept.fingerprint !== wanted.fingerprint)
    throw new ServiceError('idempotency_key_reused')
  return kept
}

/** Requests that come together may pass it by as many as they are. */
async function admitOne({ requestedBy }: WantedJob, { jobs }: AcceptJobDeps, deadline: Deadline): Promise<void> {
  if ((await jobs.countOpen(requestedBy, deadline)) < openJobsAtMost) return
  throw new ServiceError('throttled', { reason: 'open_jobs', retryAfterSeconds: 60, outcome: 'none' })
}

/** Writes what is not there yet. False where the job was completed by another request in the meantime. */
async function load(job: Job, rows: readonly CheckedRow[], deps: AcceptJobDeps, deadline: Deadline): Promise<boolean> {
  const needsKey = rows.some(({ password }) => !('deliverTo' in password))
  const dataKey = needsKey ? await deps.makeDataKey(job.id, deadline) : undefined

  const now = deps.now()
  // By a fraction of a second of its own: of two requests that begin together each knows its own claim by it.
  const until = now + deadline.remainingMs() + claimMarginMs + randomInt(2 ** 22) / 2 ** 12
  const key = await deps.jobs.claim(job.id, { now, until, dataKey: dataKey?.wrapped }, deadline)
  if (key === undefined) return recogniseOther(job, deps, deadline)

  try {
    const present = await deps.rows.present(job, deadline)
    const missing = rows.flatMap((row, index) =>
      present.has(index) ? [] : [seal(row, { job: job.id, row: index }, dataKey, key)],
    )
    await deps.rows.add(job, missing, deps.now(), deadline)
    await deps.jobs.complete(job, deadline)
  } catch (error) {
    // Who repeats need not wait until the claim is over. Where this fails as well, they do.
    await deps.jobs.release(job.id, until, deadline).catch(() => undefined)
    throw error
  }
  return true
}

async function recogniseOther({ id }: Job, { jobs, now }: AcceptJobDeps, deadline: Deadline): Promise<false> {
  const job = await jobs.find(id, deadline)
  if (job !== undefined && job.state !== 'loading') return false
  const retryAfterSeconds = Math.max(1, ((job?.loadingUntil ?? 0) - now()) / 1_000)
  throw new ServiceError('throttled', { reason: 'job_is_loading', retryAfterSeconds, outcome: 'unknown' })
}

function seal(
  { username, humanUserId, password }: CheckedRow,
  { job, row }: { readonly job: string; readonly row: number },
  dataKey: DataKey | undefined,
  key: number,
): NewRow {
  if ('deliverTo' in password) return { row, username, humanUserId, password: { deliverTo: password.deliverTo } }
  if (dataKey === undefined) throw new ServiceError('internal_error', { reason: 'no_data_key' })
  const sealed = sealRowPassword(dataKey.key, password, { job, row, username })
  return { row, username, humanUserId, password: { sealed, key } }
}
