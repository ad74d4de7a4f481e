// App2's story of a dry run: what each creation would find, and what it would do then. It writes nothing.
import { UserMissingError } from '#shared/aws/cognito-users.ts'
import { ServiceError, type ErrorCode } from '#shared/errors.ts'
import type { CheckedUsers, CheckUsersRequest, Forecast } from '#shared/job-contract.ts'
import type { Logger } from '#shared/logger.ts'
import { recogniseUser, type ExistingUser } from '#shared/recognise-user.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import { mapBounded } from '#shared/time/map-bounded.ts'
import type { StepTimer } from '#shared/time/step-timer.ts'
import { awaitTurn, type TokenBucket } from '#shared/time/token-bucket.ts'
import type { UserDirectory } from './user-directory.ts'

export type CheckUsersDeps = {
  readonly directory: UserDirectory
  /** The roles that a generated password may be delivered to. */
  readonly passwordReaders: readonly string[]
  /** Of the reads, which Cognito counts for the whole account. */
  readonly pace: TokenBucket
  readonly sleep: (ms: number) => Promise<unknown>
  readonly now: () => number
}

export type CheckUsersContext = {
  readonly deadline: Deadline
  readonly logger: Logger
  readonly timer: StepTimer
}

/** An answer takes Cognito some tens of milliseconds: so many at a time are more than the pace lets through. */
const readsAtOnce = 20

/**
 * One forecast for each row, in their order, as create-user would decide now. Throws `throttled` where Cognito does, and
 * `upstream_timeout` for what the time is too short for.
 */
export async function checkUsers(
  { rows }: CheckUsersRequest,
  deps: CheckUsersDeps,
  { deadline, logger, timer }: CheckUsersContext,
): Promise<CheckedUsers> {
  const checked = await timer.time('directory_ms', () =>
    mapBounded(rows, { atOnce: readsAtOnce }, (row) => forecast(row, deps, deadline)),
  )
  logger.info('creations checked', { outcome: 'done', ...timer.fields() })
  return { rows: checked }
}

async function forecast(
  { username, provisioning_id: provisioningId, deliver_to: reader }: CheckUsersRequest['rows'][number],
  deps: CheckUsersDeps,
  deadline: Deadline,
): Promise<Forecast> {
  if (reader !== undefined && !deps.passwordReaders.includes(reader)) return refuse('reader_not_allowed')
  const existing = await find(username, deps, deadline)
  if (existing === undefined) return { would: 'create' }
  switch (recogniseUser(existing, { provisioningId, now: deps.now() }).kind) {
    case 'taken':
      return refuse('user_exists')
    case 'key_reused':
      return refuse('idempotency_key_reused')
    case 'stale':
      return refuse('partial_provision')
    case 'finished':
    case 'resumable':
      return { would: 'repeat' }
  }
}

function refuse(code: ErrorCode): Forecast {
  return { would: 'refuse', code }
}

async function find(
  username: string,
  { directory, pace, sleep }: CheckUsersDeps,
  deadline: Deadline,
): Promise<ExistingUser | undefined> {
  if (!(await awaitTurn(pace, { deadline, sleep }))) {
    throw new ServiceError('upstream_timeout', { reason: 'deadline_while_waiting' })
  }
  try {
    return await directory.read(username, { signal: deadline.signal() })
  } catch (error) {
    if (error instanceof UserMissingError) return undefined
    throw error
  }
}
