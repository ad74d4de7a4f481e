// The story of one run: read the group, go through the pool, and, when asked to, remove what is beyond repair.
import type { Progress } from '../progress.ts'
import type { Logger, LogFields } from '#shared/logger.ts'
import { classify, findDrift, readMembers, type DriftedUser, type LeftAloneReason } from './drift.ts'
import { failedCall, PoolCallError, type FailedCall, type PoolUsers } from './pool-users.ts'
import type { Report, Summary } from './report.ts'

export type DriftOptions = {
  /** Younger users are left out of the report. */
  readonly olderThanMs: number
  readonly repair: 'no' | 'after_asking' | 'without_asking'
}

export type RunDriftDeps = {
  readonly pool: PoolUsers
  readonly report: Report
  /** Absent where nobody would see it. */
  readonly progress?: Progress | undefined
  readonly logger: Logger
  readonly now: () => number
  /** Whether so many users shall be removed. */
  readonly confirm: (userCount: number) => Promise<boolean>
}

type Tally = { -readonly [Name in Exclude<keyof Summary, 'left' | 'brokenOff'>]: Summary[Name] } & { settled: number }

/** A run that a failed call breaks off tells what it saw until then, and says so. */
export async function runDrift(options: DriftOptions, deps: RunDriftDeps): Promise<Summary> {
  const tally: Tally = {
    usersSeen: 0,
    machineUsersSkipped: 0,
    drifted: 0,
    repairable: 0,
    removed: 0,
    failed: 0,
    settled: 0,
  }
  const brokenOff = await work(options, deps, tally).catch(asBrokenOff)
  deps.progress?.clear()
  const { settled, ...counts } = tally
  const summary = { ...counts, left: tally.drifted - settled, ...(brokenOff && { brokenOff }) }
  await deps.report.end(summary)
  return summary
}

async function work(options: DriftOptions, deps: RunDriftDeps, tally: Tally): Promise<undefined> {
  const candidates: RepairCandidate[] = []
  for await (const user of listDrifted(options, deps, tally)) {
    await deps.report.user(user)
    if (user.verdict.kind === 'repairable') candidates.push(keepForRepair(user))
  }
  if (options.repair === 'no' || candidates.length === 0) return
  if (options.repair === 'after_asking' && !(await deps.confirm(candidates.length))) return

  for await (const repaired of repair(candidates, deps)) {
    await deps.report.repair(repaired)
    const { kind } = repaired.outcome
    if (kind === 'removed') tally.removed += 1
    if (kind === 'failed') tally.failed += 1
    if (kind === 'removed' || kind === 'gone' || kind === 'finished') tally.settled += 1
  }
}

async function* listDrifted(
  { olderThanMs }: Pick<DriftOptions, 'olderThanMs'>,
  { pool, now, progress }: RunDriftDeps,
  tally: Tally,
): AsyncGenerator<DriftedUser, void, undefined> {
  const members = await readMembers(pool, {
    onPage: (done) => {
      progress?.show({ label: 'Reading the group', done, total: undefined })
    },
  })
  const total = progress && (await pool.estimate())
  for await (const examined of findDrift({ pool, now }, members)) {
    tally.usersSeen += 1
    progress?.show({ label: 'Reading users', done: tally.usersSeen, total })
    if (examined.kind === 'machine_user') tally.machineUsersSkipped += 1
    if (examined.kind !== 'drifted' || examined.user.ageMs < olderThanMs) continue
    tally.drifted += 1
    if (examined.user.verdict.kind === 'repairable') tally.repairable += 1
    yield examined.user
  }
}

function keepForRepair({ sub, username, provisioningId }: DriftedUser): RepairCandidate {
  return { sub, username, provisioningId }
}

function asBrokenOff(error: unknown): NonNullable<Summary['brokenOff']> {
  if (!(error instanceof PoolCallError)) throw error
  return failedCall(error)
}

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
    // The group has no say in what becomes of an incomplete user.
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
      logger.info('incomplete user settled meanwhile', fields)
      return
    case 'left_alone':
      logger.warn('incomplete user left alone', { ...fields, reason: outcome.reason })
      return
    case 'failed':
      logger.error('incomplete user not removed', {
        ...fields,
        operation: outcome.operation,
        error_name: outcome.reason,
      })
  }
}
