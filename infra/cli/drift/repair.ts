// Repairs what the report found. It looks again at each user and each secret right before it changes anything.
import type { Logger, LogFields } from '#shared/logger.ts'
import { AwsCallError, failedCall, type FailedCall } from './aws-call.ts'
import { classify, type DriftedUser, type LeftAloneReason } from './drift.ts'
import type { PoolUsers } from './pool-users.ts'
import { classifyPassword, type DriftedSecret } from './secret-drift.ts'
import type { UserSecrets } from './user-secrets.ts'

/** As much of a repairable user as the repair needs: many are kept until the operator has said yes. */
export type UserCandidate = Pick<DriftedUser, 'sub' | 'username' | 'provisioningId'>

/** The same of a repairable secret. */
export type SecretCandidate = Pick<DriftedSecret, 'sub' | 'problem'>

export type RepairOutcome =
  /** The user, and its secret. */
  | { readonly kind: 'removed' }
  /** The secret, for deletion. */
  | { readonly kind: 'scheduled' }
  /** AWSCURRENT, to the password that the user has. */
  | { readonly kind: 'moved_back' }
  /** Somebody else has removed it meanwhile. */
  | { readonly kind: 'gone' }
  /** Somebody has finished it meanwhile: it has its password now. */
  | { readonly kind: 'finished' }
  | { readonly kind: 'left_alone'; readonly reason: LeftAloneReason }
  /** Unknown where the answer was lost; the next report shows it again if it is still there. */
  | ({ readonly kind: 'failed' } & FailedCall)

export type Repair = (UserCandidate | SecretCandidate) & { readonly outcome: RepairOutcome }

/** One item for each candidate, in their order; the logger gets a line for each. A failure at one does not stop the others. */
export async function* repair<Candidate extends UserCandidate | SecretCandidate>(
  candidates: readonly Candidate[],
  repairOne: (candidate: Candidate) => Promise<RepairOutcome>,
  { logger }: { readonly logger: Logger },
): AsyncGenerator<Candidate & { readonly outcome: RepairOutcome }, void, undefined> {
  for (const candidate of candidates) {
    const outcome = await repairOne(candidate).catch(asFailed)
    audit(logger, candidate, outcome)
    yield { ...candidate, outcome }
  }
}

type UserRepairDeps = {
  readonly pool: Pick<PoolUsers, 'read' | 'remove'>
  /** Absent where secrets are not looked at. */
  readonly secrets: Pick<UserSecrets, 'discard'> | undefined
  readonly now: () => number
}

/**
 * Cognito cannot remove a user only if it is still in a given state, so the reading comes right before the removal. In
 * between the two nobody of ours writes: no repeat takes up a user of that age. The secret goes first: an incomplete user
 * is found again.
 */
export async function removeUser(
  candidate: UserCandidate,
  { pool, secrets, now }: UserRepairDeps,
): Promise<RepairOutcome> {
  const user = await pool.read(candidate)
  if (user === undefined) return { kind: 'gone' }
  // The group has no say in what becomes of an incomplete user.
  const verdict = classify(user, { now: now(), inGroup: true })
  if (verdict.kind === 'passed') return { kind: 'finished' }
  if (verdict.kind === 'left_alone') return verdict
  await secrets?.discard(candidate.sub)
  await pool.remove(candidate)
  return { kind: 'removed' }
}

type SecretRepairDeps = {
  readonly pool: Pick<PoolUsers, 'read'>
  readonly secrets: Pick<UserSecrets, 'versions' | 'moveBack' | 'scheduleDeletion'>
  readonly now: () => number
}

export async function repairSecret(
  { sub, problem }: SecretCandidate,
  { pool, secrets, now }: SecretRepairDeps,
): Promise<RepairOutcome> {
  const user = await pool.read({ sub })
  if (problem === 'without_user') {
    if (user !== undefined) return { kind: 'left_alone', reason: 'user_exists' }
    return (await secrets.scheduleDeletion(sub)) ? { kind: 'scheduled' } : { kind: 'gone' }
  }
  const versions = await secrets.versions(sub)
  if (user === undefined || versions === undefined) return { kind: 'gone' }
  const verdict = classifyPassword(versions, { modifiedAt: user.modifiedAt, now: now() })
  if (verdict.kind === 'passed') return { kind: 'finished' }
  if (verdict.kind === 'left_alone') return verdict
  await secrets.moveBack(sub, verdict.move)
  return { kind: 'moved_back' }
}

function asFailed(error: unknown): RepairOutcome {
  if (!(error instanceof AwsCallError)) throw error
  return { kind: 'failed', ...failedCall(error) }
}

function audit(logger: Logger, candidate: UserCandidate | SecretCandidate, outcome: RepairOutcome): void {
  const isUser = 'username' in candidate
  const fields: LogFields = {
    sub: candidate.sub,
    ...(isUser && { provisioning_id: candidate.provisioningId }),
    outcome: outcome.kind,
  }
  switch (outcome.kind) {
    case 'removed':
      logger.info('half-made user removed', fields)
      return
    case 'scheduled':
      logger.info('secret without a user scheduled for deletion', fields)
      return
    case 'moved_back':
      logger.info('secret moved back to the password that is set', fields)
      return
    case 'gone':
    case 'finished':
      logger.info(isUser ? 'incomplete user settled meanwhile' : 'secret settled meanwhile', fields)
      return
    case 'left_alone':
      logger.warn(isUser ? 'incomplete user left alone' : 'secret left alone', { ...fields, reason: outcome.reason })
      return
    case 'failed':
      logger.error(isUser ? 'incomplete user not removed' : 'secret not repaired', {
        ...fields,
        operation: outcome.operation,
        error_name: outcome.reason,
      })
  }
}
