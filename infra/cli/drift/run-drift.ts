// The story of one run: read the secrets and the group, go through the pool, and, when asked to, repair what was found.
import type { Logger } from '#shared/logger.ts'
import { AwsCallError, failedCall } from './aws-call.ts'
import { findDrift, readMembers, type Finding } from './drift.ts'
import type { PoolUsers } from './pool-users.ts'
import {
  removeUser,
  repair,
  repairSecret,
  type RepairOutcome,
  type SecretCandidate,
  type UserCandidate,
} from './repair.ts'
import type { Progress } from './progress.ts'
import type { FindingCounts, Report, Summary } from './report.ts'
import { searchSecrets, type SecretSearch } from './secret-drift.ts'
import type { UserSecrets } from './user-secrets.ts'

export type DriftOptions = {
  /** Younger users and secrets are left out of the report. */
  readonly olderThanMs: number
  readonly repair: 'no' | 'after_asking' | 'without_asking'
}

export type RunDriftDeps = {
  readonly pool: PoolUsers
  /** Absent where secrets are not looked at. */
  readonly secrets?: UserSecrets | undefined
  readonly report: Report
  /** Absent where nobody would see it. */
  readonly progress?: Progress | undefined
  readonly logger: Logger
  readonly now: () => number
  /** Whether all that shall be done. */
  readonly confirm: (plan: RepairPlan) => Promise<boolean>
}

export type RepairPlan = {
  readonly users: readonly UserCandidate[]
  readonly secrets: readonly SecretCandidate[]
}

type Counts = Record<Exclude<keyof FindingCounts, 'left'> | 'settled', number>

type Tally = { usersSeen: number; machineUsersSkipped: number; secretsSeen: number; users: Counts; secrets: Counts }

/** A run that a failed call breaks off tells what it saw until then, and says so. */
export async function runDrift(options: DriftOptions, deps: RunDriftDeps): Promise<Summary> {
  const tally: Tally = {
    usersSeen: 0,
    machineUsersSkipped: 0,
    secretsSeen: 0,
    users: { drifted: 0, repairable: 0, repaired: 0, failed: 0, settled: 0 },
    secrets: { drifted: 0, repairable: 0, repaired: 0, failed: 0, settled: 0 },
  }
  const brokenOff = await work(options, deps, tally).catch(asBrokenOff)
  deps.progress?.clear()
  const { usersSeen, machineUsersSkipped, secretsSeen, users, secrets } = tally
  const summary = {
    usersSeen,
    machineUsersSkipped,
    users: withLeft(users),
    secrets: deps.secrets && { seen: secretsSeen, ...withLeft(secrets) },
    ...(brokenOff && { brokenOff }),
  }
  await deps.report.end(summary)
  return summary
}

async function work(options: DriftOptions, deps: RunDriftDeps, tally: Tally): Promise<undefined> {
  const { secrets, progress, report } = deps
  const search =
    secrets &&
    (await searchSecrets({ secrets, now: deps.now }, (done) => {
      tally.secretsSeen = done
      progress?.show({ label: 'Reading secrets', done, total: undefined })
    }))
  const plan = {
    users: await listUsers(options, { ...deps, search }, tally),
    secrets: search ? await listSecrets(options, { report, search }, tally) : [],
  }
  if (options.repair === 'no' || plan.users.length + plan.secrets.length === 0) return
  if (options.repair === 'after_asking' && !(await deps.confirm(plan))) return

  for await (const repaired of repair(plan.users, (user) => removeUser(user, { secrets, ...deps }), deps)) {
    count(tally.users, repaired)
    await report.repair(repaired)
  }
  if (secrets === undefined) return
  for await (const repaired of repair(plan.secrets, (secret) => repairSecret(secret, { ...deps, secrets }), deps)) {
    count(tally.secrets, repaired)
    await report.repair(repaired)
  }
}

/** Those that are repairable, of all that it reports. */
async function listUsers(
  { olderThanMs }: DriftOptions,
  { pool, now, progress, report, search }: RunDriftDeps & { readonly search: SecretSearch | undefined },
  tally: Tally,
): Promise<readonly UserCandidate[]> {
  const candidates: UserCandidate[] = []
  const members = await readMembers(pool, {
    onPage: (done) => {
      progress?.show({ label: 'Reading the group', done, total: undefined })
    },
  })
  const total = progress && (await pool.estimate())
  for await (const examined of findDrift({ pool, now, onUser: search?.see }, members)) {
    tally.usersSeen += 1
    progress?.show({ label: 'Reading users', done: tally.usersSeen, total })
    if (examined.kind === 'machine_user') tally.machineUsersSkipped += 1
    if (examined.kind !== 'drifted' || examined.user.ageMs < olderThanMs) continue
    const { sub, username, provisioningId } = examined.user
    if (isRepairable(examined.user, tally.users)) candidates.push({ sub, username, provisioningId })
    await report.user(examined.user)
  }
  return candidates
}

/** The same of the secrets. */
async function listSecrets(
  { olderThanMs }: DriftOptions,
  { report, search }: { readonly report: Report; readonly search: SecretSearch },
  tally: Tally,
): Promise<readonly SecretCandidate[]> {
  const candidates: SecretCandidate[] = []
  for await (const secret of search.findings()) {
    if (secret.ageMs < olderThanMs) continue
    const { sub, problem } = secret
    if (isRepairable(secret, tally.secrets)) candidates.push({ sub, problem })
    await report.secret(secret)
  }
  return candidates
}

/** Counts it as well. */
function isRepairable({ verdict }: { readonly verdict: Finding }, counts: Counts): boolean {
  const repairable = verdict.kind === 'repairable'
  counts.drifted += 1
  if (repairable) counts.repairable += 1
  return repairable
}

function count(counts: Counts, { outcome: { kind } }: { readonly outcome: RepairOutcome }): void {
  const repaired = kind === 'removed' || kind === 'scheduled' || kind === 'moved_back'
  if (repaired) counts.repaired += 1
  if (kind === 'failed') counts.failed += 1
  if (repaired || kind === 'gone' || kind === 'finished') counts.settled += 1
}

function withLeft({ settled, ...counts }: Counts): FindingCounts {
  return { ...counts, left: counts.drifted - settled }
}

function asBrokenOff(error: unknown): NonNullable<Summary['brokenOff']> {
  if (!(error instanceof AwsCallError)) throw error
  return failedCall(error)
}
