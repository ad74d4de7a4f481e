// Finds the users of a pool that are incomplete or have lost their group, and says what may become of each; it changes nothing.
import type { Group } from '#shared/access-rules.ts'
import { machineUserPrefix, provisioningIdPattern } from '#shared/contract.ts'
import type { PoolUsers } from './pool-users.ts'

/** A user as the pool shows it. Times are the pool's own, in epoch milliseconds. */
export type PoolUser = {
  readonly username: string
  readonly sub: string
  readonly status: string
  readonly enabled: boolean
  readonly createdAt: number
  readonly modifiedAt: number
  /** Written once, at creation. Absent for users that Latchkey did not make. */
  readonly provisioningId: string | undefined
}

type SecretReason =
  /** Of a password that was not set: AWSPREVIOUS is the placeholder, was not set either, or is missing. */
  | 'no_earlier_password'
  /** No secret under the prefix belongs to a user of the pool. */
  | 'no_secret_of_this_pool'
  /** Of a secret that was listed without a user. */
  | 'user_exists'

export type LeftAloneReason =
  | 'no_provisioning_id'
  | 'malformed_provisioning_id'
  | 'disabled'
  | 'too_recent'
  | 'changed_since_creation'
  | 'out_of_group'
  | SecretReason

export type Verdict =
  /** Incomplete by Latchkey, and nobody will finish it: it may be removed. */
  | { readonly kind: 'repairable' }
  /** To be looked at by an operator, and by nobody else. */
  | { readonly kind: 'left_alone'; readonly reason: LeftAloneReason }
  /** No concern of the report. */
  | { readonly kind: 'passed' }

/**
 * A repeat takes an incomplete user up for an hour after its creation. The minute more is for a repeat that began within
 * the hour and is still at work (API Gateway gives it 29 s) and for clocks that differ by seconds.
 */
export const finishedByRepeatForMs = 61 * 60_000

/** Waits for its permanent password. Latchkey sets that last, so it stopped halfway; or somebody made the user by hand. */
export function isIncomplete(user: Pick<PoolUser, 'status'>): boolean {
  return user.status === 'FORCE_CHANGE_PASSWORD'
}

/**
 * Whether the report has anything to say of this user. Machine users never appear, whatever their state: who knows the
 * name of one can lock it out. Users without our attribute appear only while they wait for a password.
 */
export function isOfInterest(user: PoolUser): boolean {
  return !isMachineUser(user) && (isIncomplete(user) || user.provisioningId !== undefined)
}

/** Not by the group: a rotation that failed halfway leaves a machine user without one. */
export function isMachineUser({ username }: Pick<PoolUser, 'username'>): boolean {
  return username.toLowerCase().startsWith(machineUserPrefix)
}

/** The verdict at the time `now` (epoch milliseconds), for a user that is or is not in the group `service-user`. */
export function classify(
  user: PoolUser,
  { now, inGroup }: { readonly now: number; readonly inGroup: boolean },
): Verdict {
  if (!isOfInterest(user)) return { kind: 'passed' }
  if (!isIncomplete(user) && inGroup) return { kind: 'passed' }
  if (user.provisioningId === undefined) return leftAlone('no_provisioning_id')
  if (!provisioningIdPattern.test(user.provisioningId)) return leftAlone('malformed_provisioning_id')
  // The group is granted before the password is set: a user with a password and no group had one, and lost it.
  if (!isIncomplete(user)) return leftAlone('out_of_group')
  if (!user.enabled) return leftAlone('disabled')
  if (now - user.createdAt <= finishedByRepeatForMs) return leftAlone('too_recent')
  // A temporary password that an operator gives to a whole user puts it back into the same state. No creation writes
  // as late as that, so it was whole once, and somebody wants it.
  if (user.modifiedAt - user.createdAt > finishedByRepeatForMs) return leftAlone('changed_since_creation')
  return { kind: 'repairable' }
}

export function leftAlone(reason: LeftAloneReason): Extract<Verdict, { readonly kind: 'left_alone' }> {
  return { kind: 'left_alone', reason }
}

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
  /** Called for every user, before its item. */
  readonly onUser?: ((user: PoolUser) => void) | undefined
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
  { pool, now, onUser }: FindDriftDeps,
  knownMembers: ReadonlySet<string>,
): AsyncGenerator<Examined, void, undefined> {
  for await (const user of pool.users()) {
    onUser?.(user)
    yield await examine(user)
  }

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
