// The story of one row: from its message to the user, or to the reason why there is none.
import type { CreatedUser } from '#shared/contract.ts'
import { ServiceError, toServiceError } from '#shared/errors.ts'
import { bindFields, type Logger } from '#shared/logger.ts'
import { unreadable } from '#shared/password-cipher/cipher.ts'
import { createDeadline, type Deadline } from '#shared/time/deadline.ts'
import { createStepTimer } from '#shared/time/step-timer.ts'
import type { OpenDataKey } from '../job-store/data-keys.ts'
import { openRowPassword } from '../job-store/job-cipher.ts'
import type { Job, RowId, RowTable, Settlement, StoredRow } from '../job-store/job-store.ts'
import type { ProvisionRequest, ProvisionUserContext } from '../provision-user.ts'
import { idempotencyKeyOfRow, type WantedPassword } from '../provisioning-id.ts'
import type { Admission } from './admission.ts'
import { isExhausted, isFinal, postponement, waitBefore } from './decide-row.ts'

export type WorkRowDeps = {
  /** May be a second old. */
  readonly findJob: (id: string, deadline: Deadline) => Promise<Job | undefined>
  readonly rows: Pick<RowTable, 'read' | 'begin' | 'settle' | 'countAttempts'>
  readonly openDataKey: OpenDataKey
  readonly admit: Admission['admit']
  readonly provision: (request: ProvisionRequest, context: ProvisionUserContext) => Promise<CreatedUser>
  readonly now: () => number
  readonly sleep: (ms: number) => Promise<void>
  readonly random: () => number
}

export type WorkContext = { readonly requestId: string; readonly deadline: Deadline; readonly logger: Logger }

/** `dropped`: there is nothing to do for the message. `given_back`: it has to come again. */
export type RowOutcome =
  | { readonly kind: 'dropped' }
  | { readonly kind: 'settled'; readonly state: Settlement['state'] }
  | { readonly kind: 'given_back'; readonly afterSeconds: number }

/** No new attempt is begun with less time than this. */
const attemptMs = 10_000
const longestAttemptMs = 25_000
/** Kept free to write down what became of the row. */
const settlingMs = 3_000

/**
 * Works a row off, once or twice or after a crash: App2 recognises the creation by the job's id and the row's index, and a row
 * that has left `waiting` is left alone. One that was begun is tried to its end, whoever cancels its job: its user may be there
 * already. Throws what the table fails with; the row is as it was, and its message has to come again.
 */
export async function workRow(id: RowId, deps: WorkRowDeps, context: WorkContext): Promise<RowOutcome> {
  const { deadline } = context
  const row = await deps.rows.read(id, deadline)
  if (row?.state !== 'waiting') return { kind: 'dropped' }
  const hasBegun = row.firstTriedAt !== undefined
  const first = await beforeAttempt({ id, hasBegun }, deps, deadline)
  if ('outcome' in first) return first.outcome
  // Of two that begin it at once, App2 makes one user; where it was cancelled in this moment, nobody begins.
  if (!hasBegun && !(await deps.rows.begin(id, deps.now(), deadline))) return { kind: 'dropped' }

  const { job } = first
  const logger = bindFields(context.logger, {
    ...{ job: id.job, row: id.row },
    ...{ requested_by: job.requestedBy, human_user_id: row.humanUserId },
    ...(job.human && { human_proof: 'verified', human_issuer: job.human.issuer, human_sub: job.human.sub }),
  })
  const tries = { id, row, job, logger, requestId: context.requestId, deadline }
  for (let attempts = 1; ; attempts += 1) {
    const result = await attempt(tries, deps)
    if (!(result instanceof ServiceError)) {
      const { provisioning_id: provisioningId, secret_arn: secretArn } = result
      return settle(tries, { state: 'done', provisioningId, secretArn }, attempts, deps)
    }
    if (isFinal(result)) return settleFailed(tries, result, attempts, deps)

    const waitMs = waitBefore(attempts, result, deps.random)
    if (deadline.remainingMs() < waitMs + attemptMs) return giveBack(tries, result, attempts, deps)
    await deps.sleep(waitMs)
    const next = await beforeAttempt({ id, hasBegun: true }, deps, deadline)
    if (!('outcome' in next)) continue
    return next.outcome.kind === 'given_back' ? giveBack(tries, result, attempts, deps) : next.outcome
  }
}

type Tries = {
  readonly id: RowId
  readonly row: StoredRow
  readonly job: Job
  readonly logger: Logger
  readonly requestId: string
  readonly deadline: Deadline
}

type Turn = { readonly id: RowId; readonly hasBegun: boolean }

/** The job, once it is the row's turn; or what becomes of the message without an attempt. */
async function beforeAttempt(
  turn: Turn,
  deps: WorkRowDeps,
  deadline: Deadline,
): Promise<{ readonly job: Job } | { readonly outcome: RowOutcome }> {
  const before = await jobFor(turn, deps, deadline)
  if ('outcome' in before) return before
  if (!(await deps.admit(deadline.earlierBy(attemptMs)))) {
    return { outcome: { kind: 'given_back', afterSeconds: postponement(0, undefined) } }
  }
  // It may have been cancelled while the row waited for its turn.
  return jobFor(turn, deps, deadline)
}

async function jobFor(
  { id, hasBegun }: Turn,
  { findJob, rows, now }: WorkRowDeps,
  deadline: Deadline,
): Promise<{ readonly job: Job } | { readonly outcome: RowOutcome }> {
  const job = await findJob(id.job, deadline)
  if (job === undefined || job.state === 'loading') return { outcome: { kind: 'dropped' } }
  if (job.state === 'ready' || hasBegun) return { job }
  await rows.settle(id, { state: 'cancelled' }, { attempts: 0, now: now() }, deadline)
  return { outcome: { kind: 'settled', state: 'cancelled' } }
}

/** The user, or why there is none. */
async function attempt(tries: Tries, deps: WorkRowDeps): Promise<CreatedUser | ServiceError> {
  const { id, row, job, logger, requestId } = tries
  const deadline = createDeadline({
    now: deps.now,
    budgetMs: Math.min(tries.deadline.remainingMs() - settlingMs, longestAttemptMs),
  })
  const timer = createStepTimer(deps.now)
  try {
    const password = await passwordOf(tries, deps, deadline)
    const request = {
      requestedBy: job.requestedBy,
      idempotencyKey: idempotencyKeyOfRow(id.job, id.row),
      username: row.username,
      humanUserId: row.humanUserId,
      humanOfJob: job.human && { job_id: id.job, human_evidence: job.human.evidence },
      password,
    }
    return await deps.provision(request, { requestId, deadline, logger, timer })
  } catch (error) {
    const failure = toServiceError(error)
    const { code, reason, status } = failure
    const level = status >= 500 ? 'warn' : 'info'
    logger[level]('row not created', { code, reason, status, ...timer.fields() })
    return failure
  }
}

async function passwordOf({ id, row, job }: Tries, deps: WorkRowDeps, deadline: Deadline): Promise<WantedPassword> {
  const { password, username } = row
  if (password === undefined) throw unreadable('malformed_envelope')
  if (password.sealed === undefined) return password
  const wrapped = job.dataKeys[password.key]
  if (wrapped === undefined) throw unreadable('malformed_envelope')
  const key = await deps.openDataKey(id.job, wrapped, deadline)
  return openRowPassword(key, password.sealed, { ...id, username })
}

async function settle(tries: Tries, to: Settlement, attempts: number, deps: WorkRowDeps): Promise<RowOutcome> {
  await deps.rows.settle(tries.id, to, { attempts, now: deps.now() }, tries.deadline)
  return { kind: 'settled', state: to.state }
}

function settleFailed(tries: Tries, { code }: ServiceError, attempts: number, deps: WorkRowDeps): Promise<RowOutcome> {
  return settle(tries, { state: 'failed', code }, attempts, deps)
}

async function giveBack(tries: Tries, error: ServiceError, attempts: number, deps: WorkRowDeps): Promise<RowOutcome> {
  const { id, row, deadline, logger } = tries
  const [total, now] = [row.attempts + attempts, deps.now()]
  if (isExhausted({ attempts: total, firstTriedAt: row.firstTriedAt, now })) {
    logger.error('row given up', { code: error.code, reason: error.reason })
    return settleFailed(tries, error, attempts, deps)
  }
  await deps.rows.countAttempts(id, { attempts, now }, deadline)
  return { kind: 'given_back', afterSeconds: postponement(total, error) }
}
