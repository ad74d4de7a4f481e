import { describe, expect, it } from 'vitest'
import type { CreationRecord, Verdict } from '#test/gate/bench/load/creation.ts'
import type { PoolUser } from '#test/gate/bench/load/pool-users.ts'
import { tallyUp, type Tally } from '#test/gate/bench/load/tally.ts'

const createdAt = '2026-01-01T00:00:00.123Z'
const told: Verdict = { kind: 'created', user: { createdAt, provisioningId: 'v1.ada' } }
const gaveUp: Verdict = { kind: 'gave_up' }
const refusedWith = (code: string): Verdict => ({ kind: 'refused', code })

const record = (verdict: Verdict): CreationRecord => ({
  username: 'ada',
  humanUserId: 'alice',
  verdict,
  requests: 1,
  repeatedFor: [],
})
const user = (changes: Partial<PoolUser> = {}): PoolUser => ({
  username: 'ada',
  sub: 'sub-1',
  createdAt: Date.parse(createdAt),
  enabled: true,
  confirmed: true,
  inGroup: true,
  humanUserId: 'alice',
  provisioningId: 'v1.ada',
  ...changes,
})

const tally = (
  verdicts: readonly Verdict[],
  users: readonly PoolUser[],
  signInFailures: readonly string[] = [],
): Tally => tallyUp({ records: verdicts.map(record), users, signInFailures: new Set(signInFailures) })

const nothing = { createdOnce: 0, refused: {}, incomplete: 0, lost: 0, doubled: 0, findings: [] }

describe('the tally', () => {
  it('counts a creation whose user is whole and the one that was told', () => {
    expect(tally([told], [user()])).toEqual({ ...nothing, createdOnce: 1 })
  })

  it('counts final refusals without a user by code', () => {
    const verdicts = ['weak_password', 'weak_password', 'forbidden'].map(refusedWith)

    expect(tally(verdicts, [])).toEqual({ ...nothing, refused: { weak_password: 2, forbidden: 1 } })
  })

  it.each<[string, Verdict, PoolUser[], Partial<Tally>]>([
    ['disabled', told, [user({ enabled: false })], { incomplete: 1, lost: 1 }],
    ['without its password', told, [user({ confirmed: false })], { incomplete: 1, lost: 1 }],
    ['without its group', told, [user({ inGroup: false })], { incomplete: 1, lost: 1 }],
    ['incomplete, of which nobody was told', gaveUp, [user({ confirmed: false })], { incomplete: 1, lost: 1 }],
    ['told, and not there', told, [], { lost: 1 }],
    ['whole, without a final answer', gaveUp, [user()], { lost: 1 }],
    ['not there, without a final answer', gaveUp, [], { lost: 1 }],
    ['there, though it was refused', refusedWith('forbidden'), [user()], { lost: 1 }],
    ['asked for by another', told, [user({ humanUserId: 'mallory' })], { lost: 1 }],
    ['refused as another’s', refusedWith('user_exists'), [user()], { doubled: 1 }],
    ['refused as another request’s', refusedWith('idempotency_key_reused'), [user()], { doubled: 1 }],
    ['made at another time', told, [user({ createdAt: Date.parse(createdAt) + 1 })], { doubled: 1 }],
    ['of another request', told, [user({ provisioningId: 'v1.other' })], { doubled: 1 }],
    ['of no request', told, [user({ provisioningId: undefined })], { doubled: 1 }],
    ['there twice', told, [user(), user({ sub: 'sub-2' })], { doubled: 1 }],
    ['beside one that nobody asked for', told, [user(), user({ username: 'eve' })], { createdOnce: 1, doubled: 1 }],
  ])('finds a user %s', (_, verdict, users, found) => {
    const { findings, ...counts } = tally([verdict], users)

    expect({ ...counts, findings: [] }).toEqual({ ...nothing, ...found })
    expect(findings).toHaveLength((found.incomplete ?? 0) + (found.lost ?? 0) + (found.doubled ?? 0))
  })

  it('finds a user lost whose password does not sign in', () => {
    expect(tally([told], [user()], ['ada'])).toEqual({
      ...nothing,
      lost: 1,
      findings: ['lost ada: told 201, and its password does not sign in'],
    })
  })
})
