// Holds what a job says of its rows against what is in the pool; it believes neither of them alone.
import type { JobRow } from '../../../../shared/job-contract.ts'
import type { PoolUser } from '../load/pool-users.ts'

export type RowTally = {
  readonly done: number
  /** By code; there is no user of such a row. */
  readonly failed: Readonly<Record<string, number>>
  /** A row without its user, or whose user is another one, or cannot sign in; or a row that is not at its end. */
  readonly lost: number
  /** Two users of a row, or a user that no row is of. */
  readonly doubled: number
  /** In the pool but not whole. */
  readonly incomplete: number
  /** One line for each of them. */
  readonly findings: readonly string[]
}

/** `others` are the names that single requests asked for. `signInFailures` are names whose password does not sign in. */
export function tallyRows(input: {
  readonly rows: readonly JobRow[]
  readonly users: readonly PoolUser[]
  readonly others: ReadonlySet<string>
  readonly signInFailures: ReadonlySet<string>
}): RowTally {
  const usersByName = Map.groupBy(input.users, ({ username }) => username)
  const failed: Record<string, number> = {}
  const found = { lost: [] as string[], doubled: [] as string[], incomplete: [] as string[] }
  let done = 0

  for (const { username, state, code = '', provisioning_id: provisioningId } of input.rows) {
    const users = usersByName.get(username) ?? []
    usersByName.delete(username)
    if (users.length > 1) found.doubled.push(`doubled ${username}: ${users.length} users`)
    if (users.some((user) => !isWhole(user))) found.incomplete.push(`incomplete ${username}`)
    if (state === 'done') {
      done += 1
      if (!users.some((user) => user.provisioningId === provisioningId))
        found.lost.push(`lost ${username}: no such user`)
      else if (input.signInFailures.has(username)) found.lost.push(`lost ${username}: its password does not sign in`)
    } else if (state === 'failed') {
      failed[code] = (failed[code] ?? 0) + 1
      // The name of a row is nobody else's.
      if (users.length > 0 || code === 'user_exists') found.lost.push(`lost ${username}: failed with ${code}`)
    } else {
      found.lost.push(`lost ${username}: still ${state}`)
    }
  }
  for (const [username, users] of usersByName) {
    if (!input.others.has(username)) found.doubled.push(`doubled ${username}: of no row`)
    if (users.some((user) => !isWhole(user))) found.incomplete.push(`incomplete ${username}`)
  }

  return {
    done,
    failed,
    lost: found.lost.length,
    doubled: found.doubled.length,
    incomplete: found.incomplete.length,
    findings: [...found.lost, ...found.doubled, ...found.incomplete],
  }
}

function isWhole({ enabled, confirmed, inGroup }: PoolUser): boolean {
  return enabled && confirmed && inGroup
}
