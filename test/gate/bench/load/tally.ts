// Holds what the callers were told against what is in the pool; it believes neither of them alone.
import type { CreationRecord, ToldUser } from './creation.ts'
import type { PoolUser } from './pool-users.ts'

export type Tally = {
  /** Told 201, and the pool holds that very user, once and whole. */
  readonly createdOnce: number
  /** By code: told no for good, and the pool holds no such user. */
  readonly refused: Readonly<Record<string, number>>
  /** In the pool but not whole, whatever anybody was told. */
  readonly incomplete: number
  /** What the caller knows is not so: told 201 without a whole user, told no with one, or told nothing final. */
  readonly lost: number
  /** One request, two users; or a caller who was told that its own user is somebody else's. */
  readonly doubled: number
  /** One line for each user that is incomplete, lost or doubled. */
  readonly findings: readonly string[]
}

/** `signInFailures` are the names of users that were told to be there and could not sign in with their password. */
export function tallyUp(input: {
  readonly records: readonly CreationRecord[]
  readonly users: readonly PoolUser[]
  readonly signInFailures: ReadonlySet<string>
}): Tally {
  const usersByName = Map.groupBy(input.users, ({ username }) => username)
  const refused: Record<string, number> = {}
  const found = { incomplete: [] as string[], lost: [] as string[], doubled: [] as string[] }
  let createdOnce = 0

  for (const record of input.records) {
    const users = usersByName.get(record.username) ?? []
    usersByName.delete(record.username)
    const problems = judge(record, users, input.signInFailures)
    for (const { kind, text } of problems) found[kind].push(`${kind} ${record.username}: ${text}`)
    if (problems.length > 0) continue
    if (record.verdict.kind === 'refused') refused[record.verdict.code] = (refused[record.verdict.code] ?? 0) + 1
    else createdOnce += 1
  }
  for (const username of usersByName.keys()) found.doubled.push(`doubled ${username}: nobody asked for this user`)

  return {
    createdOnce,
    refused,
    incomplete: found.incomplete.length,
    lost: found.lost.length,
    doubled: found.doubled.length,
    findings: [...found.incomplete, ...found.lost, ...found.doubled],
  }
}

type Problem = { readonly kind: 'incomplete' | 'lost' | 'doubled'; readonly text: string }

/** A caller's own creation can meet neither of these: its name and its key are nobody else's. */
const ownConflicts = new Set(['user_exists', 'idempotency_key_reused'])

function judge(
  { username, humanUserId, verdict }: CreationRecord,
  users: readonly PoolUser[],
  signInFailures: ReadonlySet<string>,
): readonly Problem[] {
  const problems: Problem[] = []
  const note = (kind: Problem['kind'], text: string): void => {
    problems.push({ kind, text })
  }
  const whole = users.filter((user) => isWhole(user))
  const broken = users.find((user) => !isWhole(user))
  if (broken !== undefined) note('incomplete', describe(broken))
  if (users.length > 1) note('doubled', `${users.length} users`)
  switch (verdict.kind) {
    case 'created':
      if (whole.length === 0) note('lost', `told 201, and there is ${users.length === 0 ? 'no user' : 'no whole one'}`)
      else if (!whole.some((user) => isTheOneTold(user, verdict.user))) note('doubled', 'told 201 for another user')
      else if (whole.some((user) => user.humanUserId !== humanUserId)) note('lost', 'asked for by somebody else')
      else if (signInFailures.has(username)) note('lost', 'told 201, and its password does not sign in')
      break
    case 'refused':
      if (ownConflicts.has(verdict.code)) note('doubled', `told ${verdict.code} on its own user`)
      else if (users.length > 0) note('lost', `told ${verdict.code}, and there is a user`)
      break
    case 'gave_up':
      note('lost', 'no final answer')
      break
  }
  return problems
}

function isWhole({ enabled, confirmed, inGroup }: PoolUser): boolean {
  return enabled && confirmed && inGroup
}

/** Deleted and made again, a user would have the same name and another birth. */
function isTheOneTold(user: PoolUser, told: ToldUser): boolean {
  return user.provisioningId === told.provisioningId && user.createdAt === Date.parse(told.createdAt)
}

function describe({ enabled, confirmed, inGroup }: PoolUser): string {
  return `enabled ${String(enabled)}, confirmed ${String(confirmed)}, in its group ${String(inGroup)}`
}
