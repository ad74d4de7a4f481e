import { describe, expect, it } from 'vitest'
import type { PoolUser } from '../../../../../infra/operations/drift/drift.ts'
import { findDrift, readMembers, type Examined } from '../../../../../infra/operations/drift/find-drift.ts'
import { collect, hour, provisioningIdOf } from './drift-pool.ts'

const userOf = (changes: Partial<PoolUser> = {}): PoolUser => ({
  username: 'orders-worker',
  sub: 'sub-1',
  status: 'CONFIRMED',
  enabled: true,
  createdAt: 0,
  modifiedAt: 0,
  provisioningId: provisioningIdOf(1),
  ...changes,
})

async function* each<T>(items: Iterable<T>): AsyncGenerator<T, void, undefined> {
  for (const item of items) yield await Promise.resolve(item)
}

type FakePool = Parameters<typeof findDrift>[0]['pool'] & { readonly asked: string[] }

function poolOf(options: { users?: Iterable<PoolUser>; pages?: string[][]; inGroup?: boolean | undefined }): FakePool {
  const asked: string[] = []
  return {
    asked,
    users: () => each(options.users ?? []),
    memberPages: () => each(options.pages ?? []),
    isInGroup: ({ username }) => {
      asked.push(username)
      return Promise.resolve(options.inGroup)
    },
  }
}

const examine = (pool: FakePool, members: readonly string[] = []): Promise<Examined[]> =>
  collect(findDrift({ pool, now: () => 2 * hour }, new Set(members)))

describe('the members of the group', () => {
  it('are those of all pages', async () => {
    const counts: number[] = []

    const members = await readMembers(poolOf({ pages: [['a', 'b'], [], ['c']] }), {
      onPage: (count) => counts.push(count),
    })

    expect([...members]).toEqual(['a', 'b', 'c'])
    expect(counts).toEqual([2, 2, 3])
  })

  it('are remembered up to a limit, so that memory stays bounded', async () => {
    const members = await readMembers(
      poolOf({
        pages: [
          ['a', 'b'],
          ['c', 'd'],
        ],
      }),
      { atMost: 3 },
    )

    expect([...members]).toEqual(['a', 'b', 'c'])
  })
})

describe('the search for drift', () => {
  it('does not ask about a member that it knows', async () => {
    const pool = poolOf({ users: [userOf()] })

    expect(await examine(pool, ['sub-1'])).toEqual([{ kind: 'passed' }])
    expect(pool.asked).toEqual([])
  })

  it('asks before it says that somebody is not in the group', async () => {
    const joinedSince = poolOf({ users: [userOf()], inGroup: true })
    const outside = poolOf({ users: [userOf()], inGroup: false })

    expect(await examine(joinedSince)).toEqual([{ kind: 'passed' }])
    expect(await examine(outside)).toMatchObject([{ kind: 'drifted', user: { inGroup: false, ageMs: 2 * hour } }])
    expect(joinedSince.asked).toEqual(['orders-worker'])
  })

  it('passes over a user that vanished meanwhile', async () => {
    expect(await examine(poolOf({ users: [userOf()], inGroup: undefined }))).toEqual([{ kind: 'passed' }])
  })

  it('neither asks about a machine user nor hands it on', async () => {
    const pool = poolOf({
      users: [userOf({ username: 'latchkey-machine-abc', status: 'FORCE_CHANGE_PASSWORD' })],
      inGroup: false,
    })

    expect(await examine(pool)).toEqual([{ kind: 'machine_user' }])
    expect(pool.asked).toEqual([])
  })

  it('does not ask about users that were made by hand and have their password', async () => {
    const pool = poolOf({ users: [userOf({ provisioningId: undefined })] })

    expect(await examine(pool)).toEqual([{ kind: 'passed' }])
    expect(pool.asked).toEqual([])
  })

  it('takes one user after the other, and holds none back', async () => {
    let taken = 0
    function* endless(): Generator<PoolUser> {
      for (;;) {
        taken += 1
        yield userOf({ provisioningId: undefined })
      }
    }

    const search = findDrift({ pool: poolOf({ users: endless() }), now: () => 0 }, new Set())
    for (let wanted = 1; wanted <= 3; wanted += 1) {
      await search.next()
      expect(taken).toBe(wanted)
    }
    await search.return()
  })
})
