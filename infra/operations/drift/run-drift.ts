// The story of one run: read the group, go through the pool, and, when asked to, remove what is beyond repair.
import type { Logger } from '../../../shared/logger.ts'
import type { Config } from './config.ts'
import { findDrift, readMembers, type DriftedUser } from './find-drift.ts'
import { failedCall, PoolCallError, type PoolUsers } from './pool-users.ts'
import type { Progress } from './progress.ts'
import { repair, type RepairCandidate } from './repair.ts'
import type { Report, Summary } from './report.ts'

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
export async function runDrift(options: Pick<Config, 'olderThanMs' | 'repair'>, deps: RunDriftDeps): Promise<Summary> {
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

async function work(
  options: Pick<Config, 'olderThanMs' | 'repair'>,
  deps: RunDriftDeps,
  tally: Tally,
): Promise<undefined> {
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
  { olderThanMs }: Pick<Config, 'olderThanMs'>,
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
