// Goes through a pool once and picks out the users that are half-made or have lost their group; it changes nothing.
import type { Group } from '../../../shared/access-rules.ts'
import { classify, isMachineUser, isOfInterest, type PoolUser, type Verdict } from './drift.ts'
import type { PoolUsers } from './pool-users.ts'

export type Finding = Exclude<Verdict, { readonly kind: 'passed' }>

export type DriftedUser = PoolUser & {
  readonly inGroup: boolean
  readonly ageMs: number
  readonly verdict: Finding
}

export type Examined =
  /** Without the user: what is not known here is not printed anywhere. */
  | { readonly kind: 'machine_user' }
  | { readonly kind: 'passed' }
  | { readonly kind: 'drifted'; readonly user: DriftedUser }

export type FindDriftDeps = {
  readonly pool: Pick<PoolUsers, 'memberPages' | 'users' | 'isInGroup'>
  readonly now: () => number
}

/** The group that every service user is put into. */
const group: Group = 'service-user'

/** 90 bytes each, so 360 MB; Cognito has pools of up to 40 million users. */
const mostRemembered = 4_000_000

/**
 * The subs of the group's members, for `findDrift`. To ask for each user's groups instead is one call for a user, not
 * for sixty: five and a half hours for a million at Cognito's 50 calls a second. Only so many are remembered that
 * memory stays bounded; about the others `findDrift` asks.
 */
export async function readMembers(
  pool: Pick<PoolUsers, 'memberPages'>,
  options: { readonly onPage?: (memberCount: number) => void; readonly atMost?: number } = {},
): Promise<ReadonlySet<string>> {
  const { onPage, atMost = mostRemembered } = options
  const members = new Set<string>()
  let memberCount = 0
  for await (const page of pool.memberPages(group)) {
    for (const sub of page) if (members.size < atMost) members.add(sub)
    memberCount += page.length
    onPage?.(memberCount)
  }
  return members
}

/**
 * One item for each user of the pool, in the pool's order. `knownMembers` may lack members (those who joined since, or
 * were too many to remember): whoever is not in it is asked about before it is called drifted. Who vanishes meanwhile
 * has passed.
 */
export async function* findDrift(
  { pool, now }: FindDriftDeps,
  knownMembers: ReadonlySet<string>,
): AsyncGenerator<Examined, void, undefined> {
  for await (const user of pool.users()) yield await examine(user)

  async function examine(user: PoolUser): Promise<Examined> {
    if (isMachineUser(user)) return { kind: 'machine_user' }
    if (!isOfInterest(user)) return { kind: 'passed' }
    const inGroup = knownMembers.has(user.sub) || (await pool.isInGroup(user, group))
    if (inGroup === undefined) return { kind: 'passed' }
    const at = now()
    const verdict = classify(user, { now: at, inGroup })
    if (verdict.kind === 'passed') return { kind: 'passed' }
    return { kind: 'drifted', user: { ...user, inGroup, ageMs: at - user.createdAt, verdict } }
  }
}
