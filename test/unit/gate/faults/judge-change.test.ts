import { describe, expect, it } from 'vitest'
import { judgeAnswer, judgeEnd, judgeSighting, type Exchange, type Sighting } from '#test/gate/faults/judge.ts'
import type { UserState } from '#test/gate/faults/operator.ts'
import type { Expected, Wanted } from '#test/gate/faults/scenario.ts'
import { provisioningId } from '#test/support/requests.ts'

const wanted: Wanted = {
  username: 'orders-worker',
  password: 'p',
  humanUserId: 'alice@example.com',
  idempotencyKey: 'key',
  provisioningId,
}

const user: UserState = {
  username: 'orders-worker',
  sub: 'e60426f4-111e-4dd5-9f8c-57fbb2653906',
  status: 'CONFIRMED',
  enabled: true,
  attributes: { 'custom:provisioning_id': provisioningId },
  groups: ['service-user'],
  session: 'alive',
  createdAt: Date.UTC(2026, 0, 1),
  modifiedAt: Date.UTC(2026, 0, 1),
}

const seen = (changes: Partial<UserState>, signIn: Sighting['signIn']): Sighting => ({
  at: 'now',
  user: { ...user, ...changes, modifiedAt: 1 },
  signIn,
})
const before: Sighting = { at: 'at first', user, signIn: 'tokens' }
const halfWay = seen({ enabled: false }, 'refused')
const done = seen({ enabled: false, session: 'dead' }, 'refused')
const absent: Sighting = { at: 'now', user: undefined, signIn: 'absent' }

const disabled: Expected = { kind: 'changed', to: { enabled: false, session: 'dead' }, signIn: 'refused' }
const gone: Expected = { kind: 'changed', isGone: true, to: { enabled: false, session: 'dead' } }

const told = {
  username: user.username,
  user_id: user.sub,
  status: 'disabled',
  groups: ['service-user'],
  human_user_id: 'alice@example.com',
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  provisioning_id: provisioningId,
  access_ends_at: '2026-01-01T00:16:00.000Z',
}

const exchange = (status: number, body: object, after: Sighting, changes: Partial<Exchange> = {}): Exchange => ({
  which: 'request',
  contract: 'POST /service-users/{username}/disable',
  before,
  answer: { status, body, retryAfter: null, text: '', headers: '' },
  settled: after,
  after,
  app1Crashed: false,
  passwordRefused: false,
  ...changes,
})
const failed = (outcome: string, after: Sighting, code = 'upstream_unavailable', status = 503): Exchange =>
  exchange(status, { status, code, outcome }, after)

describe('a change', () => {
  it.each<[string, Sighting, Expected, boolean]>([
    ['begun', halfWay, disabled, true],
    ['all there', done, disabled, true],
    ['of another part', seen({ groups: [] }, 'tokens'), disabled, false],
    ['of another user', seen({ sub: 'another' }, 'tokens'), disabled, false],
    ['that deletes', absent, gone, true],
    ['that deletes what was to be disabled', absent, disabled, false],
  ])('%s is seen', (_, sighting, expected, isAllowed) => {
    expect(judgeSighting(sighting, wanted, before, expected)).toHaveLength(isAllowed ? 0 : 1)
  })

  it.each<[string, Exchange, Expected]>([
    ['done', exchange(200, told, done), disabled],
    ['none, and nothing was', failed('none', before), disabled],
    ['partial, and it is', failed('partial', halfWay), disabled],
    ['unknown', failed('unknown', halfWay), disabled],
    ['partial after a time-out', failed('partial', halfWay, 'upstream_timeout', 504), disabled],
    [
      'deleted',
      exchange(200, { username: told.username, user_id: told.user_id, access_ends_at: told.access_ends_at }, absent, {
        contract: 'DELETE /service-users/{username}',
      }),
      gone,
    ],
    ['deleted already', exchange(404, { status: 404, code: 'user_not_found' }, absent), gone],
  ])('is told the truth of: %s', (_, exchanged, expected) => {
    expect(judgeAnswer(exchanged, wanted, expected)).toEqual([])
  })

  it.each<[string, Exchange]>([
    ['done, and its sessions live', exchange(200, told, halfWay)],
    ['done, about another', exchange(200, { ...told, user_id: '00000000-0000-4000-8000-000000000000' }, done)],
    ['done, as if nothing were', exchange(200, { ...told, status: 'active' }, done)],
    ['done, without the instant', exchange(200, { ...told, access_ends_at: undefined }, done)],
    ['none, and it was begun', failed('none', halfWay)],
    ['none after a time-out', failed('none', before, 'upstream_timeout', 504)],
    ['partial, and nothing was', failed('partial', before)],
    ['no outcome', exchange(503, { status: 503, code: 'upstream_unavailable' }, before)],
    ['a refusal, and it was begun', exchange(404, { status: 404, code: 'user_not_found' }, halfWay)],
    ['a code of another route', exchange(409, { status: 409, code: 'user_exists' }, before)],
  ])('is told an untruth of: %s', (_, exchanged) => {
    expect(judgeAnswer(exchanged, wanted, disabled).map(({ kind }) => kind)).toEqual(['untrue_answer'])
  })

  it('is finished by the repeat', () => {
    expect(judgeEnd(exchange(200, told, done), wanted, disabled)).toEqual([])
    expect(judgeEnd(exchange(404, { status: 404, code: 'user_not_found' }, absent), wanted, gone)).toEqual([])
    expect(judgeEnd(exchange(200, told, halfWay), wanted, disabled).map(({ kind }) => kind)).toEqual(['incomplete'])
    expect(judgeEnd(failed('unknown', done), wanted, disabled).map(({ kind }) => kind)).toEqual(['untrue_answer'])
  })
})
