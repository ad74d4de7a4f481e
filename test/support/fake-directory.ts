// A user directory in memory for tests of create-user: it keeps its users, and fails where a test says so.
import type { CreateResult, UserDirectory } from '#services/app2-accounts/create-user/user-directory.ts'
import { UserMissingError } from '#shared/aws/cognito-users.ts'
import type { ExistingUser } from '#shared/recognise-user.ts'

export type FakeUser = ExistingUser & { readonly username: string; readonly groups: string[]; password?: string }

type Operation = keyof UserDirectory

export type FakeDirectory = UserDirectory & {
  readonly users: FakeUser[]
  readonly calls: Operation[]
  /** The next calls of `operation` throw these, one each; with `afterEffect` once they have taken effect. */
  fail(operation: Operation, errors: readonly Error[], options?: { afterEffect?: boolean }): void
  add(user: Partial<FakeUser>): FakeUser
}

export function fakeDirectory(now: () => number): FakeDirectory {
  const users: FakeUser[] = []
  const calls: Operation[] = []
  const failures = new Map<Operation, { errors: Error[]; afterEffect: boolean }>()

  const add = (user: Partial<FakeUser>): FakeUser => {
    const added: FakeUser = {
      username: 'orders-worker',
      sub: `sub-${users.length + 1}`,
      createdAt: new Date(now()),
      enabled: true,
      awaitsPassword: true,
      provisioningId: undefined,
      changedSinceCreation: false,
      groups: [],
      ...user,
    }
    users.push(added)
    return added
  }

  /** By `sub` alone, as every write has to address its user. */
  const find = (wanted: string): FakeUser => {
    const user = users.find(({ sub }) => sub === wanted)
    if (user === undefined) throw new UserMissingError()
    return user
  }

  const replace = (sub: string, change: Partial<FakeUser>): void => {
    users.splice(users.indexOf(find(sub)), 1, { ...find(sub), ...change })
  }

  async function perform<T>(operation: Operation, effect: () => T): Promise<T> {
    calls.push(operation)
    const failure = failures.get(operation)
    const error = failure?.errors.shift()
    if (error !== undefined && failure?.afterEffect !== true) throw error
    const result = await Promise.resolve(effect())
    if (error !== undefined) throw error
    return result
  }

  return {
    users,
    calls,
    add,
    fail: (operation, errors, { afterEffect = false } = {}) => {
      failures.set(operation, { errors: [...errors], afterEffect })
    },
    create: ({ username, provisioningId }) =>
      perform<CreateResult>('create', () => {
        if (users.some((user) => user.username === username)) return { kind: 'name_taken' }
        const { sub, createdAt } = add({ username, provisioningId })
        return { kind: 'created', sub, createdAt, atOnce: true }
      }),
    read: (key) => perform('read', () => find(users.find(({ username }) => username === key)?.sub ?? key)),
    addToGroup: (sub, group) =>
      perform('addToGroup', () => {
        find(sub).groups.push(group)
      }),
    setPermanentPassword: (sub, password) =>
      perform('setPermanentPassword', () => {
        replace(sub, { awaitsPassword: false, changedSinceCreation: true, password: password.expose() })
      }),
    remove: (sub) =>
      perform('remove', () => {
        const left = users.filter((user) => user.sub !== sub)
        const removal = left.length < users.length ? 'removed' : 'missing'
        users.splice(0, users.length, ...left)
        return removal
      }),
  }
}
