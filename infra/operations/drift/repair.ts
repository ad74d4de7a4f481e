// Removes the half-made users that it is given, one by one; it looks at each again first, and leaves what has changed.
import type { Logger, LogFields } from '../../../shared/logger.ts'
import { classify, type LeftAloneReason } from './drift.ts'
import type { DriftedUser } from './find-drift.ts'
import { failedCall, PoolCallError, type FailedCall, type PoolUsers } from './pool-users.ts'

/** As much of a repairable user as the repair needs: many are kept until the operator has said yes. */
export type RepairCandidate = Pick<DriftedUser, 'sub' | 'username' | 'provisioningId'>

export type RepairOutcome =
  | { readonly kind: 'removed' }
  /** Somebody else has removed it meanwhile. */
  | { readonly kind: 'gone' }
  /** Somebody has finished it meanwhile: it has its password now. */
  | { readonly kind: 'finished' }
  | { readonly kind: 'left_alone'; readonly reason: LeftAloneReason }
  /** Unknown where the answer was lost; the next report shows the user again if it is still there. */
  | ({ readonly kind: 'failed' } & FailedCall)

export type Repair = RepairCandidate & { readonly outcome: RepairOutcome }

export type RepairDeps = {
  readonly pool: Pick<PoolUsers, 'read' | 'remove'>
  readonly now: () => number
  /** Gets one line for every user, whatever became of it. */
  readonly logger: Logger
}

/** One item for each candidate, in their order. A failure at one does not stop the others. */
export async function* repair(
  candidates: readonly RepairCandidate[],
  deps: RepairDeps,
): AsyncGenerator<Repair, void, undefined> {
  for (const candidate of candidates) {
    const outcome = await repairOne(candidate, deps)
    audit(deps.logger, candidate, outcome)
    yield { ...candidate, outcome }
  }
}

/**
 * Cognito cannot remove a user only if it is still in a given state, so the reading comes right before the removal. In
 * between the two nobody of ours writes: no repeat takes up a user of that age.
 */
async function repairOne(candidate: RepairCandidate, { pool, now }: RepairDeps): Promise<RepairOutcome> {
  try {
    const user = await pool.read(candidate)
    if (user === undefined) return { kind: 'gone' }
    // The group has no say in what becomes of a half-made user.
    const verdict = classify(user, { now: now(), inGroup: true })
    if (verdict.kind === 'passed') return { kind: 'finished' }
    if (verdict.kind === 'left_alone') return verdict
    await pool.remove(candidate)
    return { kind: 'removed' }
  } catch (error) {
    if (!(error instanceof PoolCallError)) throw error
    return { kind: 'failed', ...failedCall(error) }
  }
}

function audit(logger: Logger, { sub, provisioningId }: RepairCandidate, outcome: RepairOutcome): void {
  const fields: LogFields = { sub, provisioning_id: provisioningId, outcome: outcome.kind }
  switch (outcome.kind) {
    case 'removed':
      logger.info('half-made user removed', fields)
      return
    case 'gone':
    case 'finished':
      logger.info('half-made user settled meanwhile', fields)
      return
    case 'left_alone':
      logger.warn('half-made user left alone', { ...fields, reason: outcome.reason })
      return
    case 'failed':
      logger.error('half-made user not removed', {
        ...fields,
        operation: outcome.operation,
        error_name: outcome.reason,
      })
  }
}
