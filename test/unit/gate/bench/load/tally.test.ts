import { describe, expect, it } from 'vitest'
import type { CreationRecord, Verdict } from '../../../../gate/bench/load/creation.ts'
import type { PoolUser } from '../../../../gate/bench/load/pool-users.ts'
import { tallyUp, type Tally } from '../../../../gate/bench/load/tally.ts'

const createdAt = '2026-01-01T00:00:00.123Z'
const told: Verdict = { kind: 'created', user: { createdAt, provisioningId: 'v1.ada' } }

const record = (verdict: Verdict, username = 'ada'): CreationRecord => ({
  username,
  humanUserId: 'alice',
  verdict,
  requests: 1,
  answerMs: [1],
  totalMs: 1,
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

const tally = (verdict: Verdict, users: readonly PoolUser[], signInFailures: readonly string[] = []): Tally =>
  tallyUp({ records: [record(verdict)], users, signInFailures: new Set(signInFailures) })
const bad = { createdOnce: 0, refused: {} }
const refusedWith = (code: string): Verdict => ({ kind: 'refused', code })

describe('the tally', () => {
  it('counts a creation whose user is whole and the one that was told', () => {
    expect(tally(told, [user()])).toEqual({
      createdOnce: 1,
      refused: {},
      incomplete: 0,
      lost: 0,
      doubled: 0,
      findings: [],
    })
  })

  it('counts final refusals without a user by code', () => {
    const records = ['weak_password', 'weak_password', 'forbidden'].map((code) => record(refusedWith(code)))

    expect(tallyUp({ records, users: [], signInFailures: new Set() })).toMatchObject({
      createdOnce: 0,
      refused: { weak_password: 2, forbidden: 1 },
      lost: 0,
      doubled: 0,
    })
  })

  it.each([
    [{ enabled: false }, 'enabled false, confirmed true, in its group true'],
    [{ confirmed: false }, 'enabled true, confirmed false, in its group true'],
    [{ inGroup: false }, 'enabled true, confirmed true, in its group false'],
  ])('finds a user incomplete with %j, and its caller deceived by the 201', (changes, text) => {
    expect(tally(told, [user(changes)])).toEqual({
      ...bad,
      incomplete: 1,
      lost: 1,
      doubled: 0,
      findings: [`incomplete ada: ${text}`, 'lost ada: told 201, and there is no whole one'],
    })
  })

  it('finds an incomplete user also where nobody was told of one', () => {
    expect(tally({ kind: 'gave_up' }, [user({ confirmed: false })])).toMatchObject({ ...bad, incomplete: 1, lost: 1 })
  })

  it('finds a creation lost that was told 201 and has no user', () => {
    expect(tally(told, [])).toMatchObject({
      ...bad,
      lost: 1,
      findings: ['lost ada: told 201, and there is no user'],
    })
  })

  it('finds a creation lost that never had a final answer, whole user or not', () => {
    expect(tally({ kind: 'gave_up' }, [user()])).toMatchObject({
      ...bad,
      lost: 1,
      findings: ['lost ada: no final answer'],
    })
    expect(tally({ kind: 'gave_up' }, [])).toMatchObject({ ...bad, lost: 1 })
  })

  it('finds a refusal untrue when there is a user after all', () => {
    expect(tally(refusedWith('forbidden'), [user()])).toMatchObject({
      ...bad,
      lost: 1,
      findings: ['lost ada: told forbidden, and there is a user'],
    })
  })

  it('finds a user lost whose password does not sign in, or who is said to be asked for by another', () => {
    expect(tally(told, [user()], ['ada'])).toMatchObject({
      ...bad,
      lost: 1,
      findings: ['lost ada: told 201, and its password does not sign in'],
    })
    expect(tally(told, [user({ humanUserId: 'mallory' })])).toMatchObject({
      ...bad,
      lost: 1,
      findings: ['lost ada: asked for by somebody else'],
    })
  })

  it.each(['user_exists', 'idempotency_key_reused'])('finds a creation doubled that was told %s on its own', (code) => {
    expect(tally(refusedWith(code), [user()])).toMatchObject({
      ...bad,
      lost: 0,
      doubled: 1,
      findings: [`doubled ada: told ${code} on its own user`],
    })
  })

  it.each([{ createdAt: Date.parse(createdAt) + 1 }, { provisioningId: 'v1.other' }, { provisioningId: undefined }])(
    'finds a creation doubled whose user is not the one that was told: %j',
    (changes) => {
      expect(tally(told, [user(changes)])).toMatchObject({
        ...bad,
        lost: 0,
        doubled: 1,
        findings: ['doubled ada: told 201 for another user'],
      })
    },
  )

  it('finds two users for one request doubled, even when one of them is the right one', () => {
    expect(tally(told, [user(), user({ sub: 'sub-2' })])).toMatchObject({
      ...bad,
      doubled: 1,
      findings: ['doubled ada: 2 users'],
    })
  })

  it('finds a user that nobody asked for', () => {
    expect(tally(told, [user(), user({ username: 'eve' })])).toMatchObject({
      createdOnce: 1,
      doubled: 1,
      findings: ['doubled eve: nobody asked for this user'],
    })
  })
})
