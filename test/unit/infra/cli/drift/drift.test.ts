import { describe, expect, it } from 'vitest'
import {
  classify,
  findDrift,
  finishedByRepeatForMs,
  readMembers,
  type Examined,
  type PoolUser,
} from '#infra/cli/drift/drift.ts'
import { collect, hour, minute, provisioningIdOf } from './drift-pool.ts'

const createdAt = Date.UTC(2026, 0, 1)
const longAfter = createdAt + 24 * hour

const incomplete: PoolUser = {
  username: 'orders-worker',
  sub: '6f0c8a52-1111-4222-8333-444455556666',
  status: 'FORCE_CHANGE_PASSWORD',
  enabled: true,
  createdAt,
  modifiedAt: createdAt,
  provisioningId: provisioningIdOf(1),
}

const verdictOf = (user: Partial<PoolUser>, { now = longAfter, inGroup = false } = {}): string => {
  const verdict = classify({ ...incomplete, ...user }, { now, inGroup })
  return verdict.kind === 'left_alone' ? verdict.reason : verdict.kind
}

describe('the verdict on an incomplete user of ours', () => {
  it.each([true, false])('is repairable, in the group (%s) or not', (inGroup) => {
    expect(verdictOf({}, { inGroup })).toBe('repairable')
  })

  it('is too recent up to the last millisecond in which a repeat may finish it, and repairable after', () => {
    expect(finishedByRepeatForMs).toBe(hour + minute)
    expect(verdictOf({}, { now: createdAt })).toBe('too_recent')
    expect(verdictOf({}, { now: createdAt + finishedByRepeatForMs })).toBe('too_recent')
    expect(verdictOf({}, { now: createdAt + finishedByRepeatForMs + 1 })).toBe('repairable')
  })

  it('is too recent when its creation lies ahead of the clock', () => {
    expect(verdictOf({}, { now: createdAt - 24 * hour })).toBe('too_recent')
  })

  it('leaves alone whoever was changed later than any creation writes', () => {
    expect(verdictOf({ modifiedAt: createdAt + finishedByRepeatForMs })).toBe('repairable')
    expect(verdictOf({ modifiedAt: createdAt + finishedByRepeatForMs + 1 })).toBe('changed_since_creation')
  })

  it('leaves alone whom an operator has disabled, however old', () => {
    expect(verdictOf({ enabled: false })).toBe('disabled')
    expect(verdictOf({ enabled: false }, { now: createdAt })).toBe('disabled')
  })
})

describe('the verdict on a user that waits for a password and is not ours', () => {
  it('leaves alone whoever has no provisioning_id', () => {
    expect(verdictOf({ provisioningId: undefined })).toBe('no_provisioning_id')
  })

  it.each([
    '',
    'v1',
    provisioningIdOf(1).slice(0, -1),
    `${provisioningIdOf(1)}A`,
    `${provisioningIdOf(1)}\n`,
    ` ${provisioningIdOf(1)}`,
    provisioningIdOf(1).replace('v1', 'v2'),
    // The last character carries two bits, of which four spellings are canonical.
    provisioningIdOf(1).replace(/Q$/, 'R'),
  ])('leaves alone whose provisioning_id is %j', (provisioningId) => {
    expect(verdictOf({ provisioningId })).toBe('malformed_provisioning_id')
  })
})

describe('the verdict on a user with a password', () => {
  it.each(['CONFIRMED', 'RESET_REQUIRED'])('%s and in the group, passes', (status) => {
    expect(verdictOf({ status }, { inGroup: true })).toBe('passed')
  })

  it.each(['CONFIRMED', 'RESET_REQUIRED'])('%s and without the group, says that it was taken out', (status) => {
    expect(verdictOf({ status })).toBe('out_of_group')
    expect(verdictOf({ status, enabled: false })).toBe('out_of_group')
  })

  it('disabled but in the group, passes: that is an operator’s decision and no drift', () => {
    expect(verdictOf({ status: 'CONFIRMED', enabled: false }, { inGroup: true })).toBe('passed')
  })

  it('without the group and with a malformed provisioning_id, does not claim that it was ever in it', () => {
    expect(verdictOf({ status: 'CONFIRMED', provisioningId: 'v1.x' })).toBe('malformed_provisioning_id')
  })

  it('made by hand, passes', () => {
    expect(verdictOf({ status: 'CONFIRMED', provisioningId: undefined })).toBe('passed')
  })
})

describe('the verdict on a machine user', () => {
  it.each(['latchkey-machine-abc', 'Latchkey-Machine-ABC', 'LATCHKEY-MACHINE-'])(
    '%s passes in any state',
    (username) => {
      expect(verdictOf({ username })).toBe('passed')
      expect(verdictOf({ username, provisioningId: undefined })).toBe('passed')
      expect(verdictOf({ username, status: 'CONFIRMED' })).toBe('passed')
    },
  )

  it('does not extend to a name that only holds the prefix', () => {
    expect(verdictOf({ username: 'latchkey-machine' })).toBe('repairable')
    expect(verdictOf({ username: 'x-latchkey-machine-1' })).toBe('repairable')
  })
})

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
