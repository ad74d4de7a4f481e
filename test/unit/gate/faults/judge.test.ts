import { describe, expect, it } from 'vitest'
import type { Answer } from '#test/gate/faults/answer.ts'
import {
  judgeAnswer,
  judgeEnd,
  judgeSighting,
  type Exchange,
  type Sighting,
  type Violation,
} from '#test/gate/faults/judge.ts'
import type { UserState } from '#test/gate/faults/operator.ts'
import type { Expected, Wanted } from '#test/gate/faults/scenario.ts'
import { createdUserBody, provisioningId } from '#test/support/requests.ts'

const wanted: Wanted = {
  username: 'orders-worker',
  password: 'p',
  humanUserId: 'alice@example.com',
  idempotencyKey: 'key',
  provisioningId,
}

const whole: UserState = {
  username: 'orders-worker',
  sub: 'sub-1',
  status: 'CONFIRMED',
  enabled: true,
  attributes: { 'custom:human_user_id': 'alice@example.com', 'custom:provisioning_id': provisioningId },
  groups: ['service-user'],
  session: 'none',
  createdAt: Date.UTC(2026, 0, 1),
  modifiedAt: Date.UTC(2026, 0, 1),
}
const incomplete: UserState = { ...whole, status: 'FORCE_CHANGE_PASSWORD', groups: [] }

const made: Expected = { kind: 'made' }
const conflict: Expected = { kind: 'untouched', status: 409, code: 'user_exists' }

const seen = (user: UserState | undefined, signIn: Sighting['signIn']): Sighting => ({ at: 'now', user, signIn })
const absent = seen(undefined, 'absent')
const stuck = seen(incomplete, 'refused')

const answer = (status: number, body: unknown, retryAfter: string | null = null): Answer => ({
  status,
  retryAfter,
  text: '',
  headers: '',
  body,
})
const problem = (status: number, code: string, more: object = {}): Answer =>
  answer(status, { status, code, idempotency_key: 'key', outcome: 'unknown', ...more })

const exchange = (changes: Partial<Exchange>): Exchange => ({
  which: 'request',
  contract: 'POST /create-service-user',
  before: absent,
  answer: answer(201, createdUserBody()),
  settled: seen(whole, 'tokens'),
  after: seen(whole, 'tokens'),
  app1Crashed: false,
  passwordRefused: false,
  ...changes,
})

const kinds = (violations: readonly Violation[]): string[] => violations.map(({ kind }) => kind)

describe('a sighting', () => {
  it.each([
    ['a whole user', seen(whole, 'tokens'), []],
    ['nobody', absent, []],
    ['an incomplete user that lets nobody in', stuck, []],
    ['an incomplete user that gives tokens', seen({ ...whole, groups: [] }, 'tokens'), ['incomplete']],
    ['an incomplete user whose temporary password is known', seen(incomplete, 'challenge'), ['incomplete']],
    ['a disabled user that gives tokens', seen({ ...whole, enabled: false }, 'tokens'), ['incomplete']],
    ['a user in more groups', seen({ ...whole, groups: ['api-client', 'service-user'] }, 'tokens'), ['incomplete']],
    ['a user of another request', seen({ ...whole, attributes: {} }, 'tokens'), ['incomplete']],
  ])('of %s where one is to be made', (_, sighting, expected) => {
    expect(kinds(judgeSighting(sighting, wanted, absent, made))).toEqual(expected)
  })

  it.each([
    ['as it was', stuck, []],
    ['with another group', seen({ ...incomplete, groups: ['service-user'] }, 'refused'), ['taken_over']],
    ['written to a moment later', seen({ ...incomplete, modifiedAt: whole.modifiedAt + 1 }, 'refused'), ['taken_over']],
    ['with a password that is ours', seen(incomplete, 'tokens'), ['taken_over']],
    ['gone', absent, ['taken_over']],
  ])('of a user that is not to be touched, %s', (_, sighting, expected) => {
    expect(kinds(judgeSighting(sighting, wanted, stuck, conflict))).toEqual(expected)
  })
})

describe('an answer', () => {
  const made201 = exchange({})

  it.each<[string, Partial<Exchange>, Expected]>([
    ['201 for a whole user', {}, made],
    ['409 for another caller’s user', { answer: problem(409, 'user_exists'), after: stuck }, conflict],
    ['504 and unknown', { answer: problem(504, 'upstream_timeout'), after: stuck }, made],
    ['none for nobody', { answer: problem(503, 'not_ready', { outcome: 'none' }), after: absent }, made],
    [
      'none for a user that an earlier request had made',
      {
        answer: problem(503, 'not_ready', { outcome: 'none' }),
        before: stuck,
        after: stuck,
      },
      made,
    ],
    ['429 with Retry-After', { answer: { ...problem(429, 'throttled'), retryAfter: '1' }, after: absent }, made],
    ['API Gateway’s own words for an App1 that died', { answer: answer(500, {}), app1Crashed: true }, made],
    [
      'weak_password when the pool refuses it and nothing is left',
      { answer: problem(400, 'weak_password'), passwordRefused: true, settled: absent, after: absent },
      made,
    ],
  ])('is true: %s', (_, changes, expected) => {
    expect(judgeAnswer(exchange(changes), wanted, expected)).toEqual([])
  })

  it.each<[string, Partial<Exchange>, Expected]>([
    ['201 for an incomplete user', { after: stuck }, made],
    ['201 for nobody', { after: absent }, made],
    ['201 for another caller’s user', {}, conflict],
    [
      '201 with another time',
      { answer: answer(201, createdUserBody({ created_at: '2026-01-01T00:00:01.000Z' })) },
      made,
    ],
    ['201 that is no answer of ours', { answer: answer(201, {}) }, made],
    ['409 on one’s own user', { answer: problem(409, 'user_exists') }, made],
    ['422 on one’s own request', { answer: problem(422, 'idempotency_key_reused') }, made],
    ['403', { answer: problem(403, 'forbidden') }, made],
    ['weak_password for a good one', { answer: problem(400, 'weak_password') }, made],
    [
      'weak_password with a user left behind',
      { answer: problem(400, 'weak_password'), passwordRefused: true, settled: stuck },
      made,
    ],
    ['a code that nobody documented', { answer: problem(500, 'oops') }, made],
    ['a code under another status', { answer: problem(502, 'internal_error') }, made],
    ['a 5xx that is no problem document', { answer: answer(502, 'Bad gateway') }, made],
    ['a 5xx without the key', { answer: problem(503, 'not_ready', { idempotency_key: undefined }) }, made],
    ['a 5xx without an outcome', { answer: problem(503, 'not_ready', { outcome: undefined }) }, made],
    ['429 without Retry-After', { answer: problem(429, 'throttled') }, made],
    ['504 and none', { answer: problem(504, 'upstream_timeout', { outcome: 'none' }), after: absent }, made],
    ['none for an incomplete user', { answer: problem(503, 'not_ready', { outcome: 'none' }) }, made],
  ])('is untrue: %s', (_, changes, expected) => {
    expect(new Set(kinds(judgeAnswer(exchange(changes), wanted, expected)))).toEqual(new Set(['untrue_answer']))
  })

  it('is final when the user is whole, signs in, and 201 says so', () => {
    expect(judgeEnd(made201, wanted, made)).toEqual([])
    expect(kinds(judgeEnd(exchange({ after: absent, answer: problem(503, 'not_ready') }), wanted, made))).toEqual([
      'incomplete',
      'untrue_answer',
    ])
    expect(kinds(judgeEnd(exchange({ after: seen(whole, 'refused') }), wanted, made))).toEqual(['incomplete'])
  })

  it('is final when it is the refusal that the request deserves', () => {
    expect(judgeEnd(exchange({ answer: problem(409, 'user_exists') }), wanted, conflict)).toEqual([])
    expect(kinds(judgeEnd(exchange({ answer: problem(422, 'user_exists') }), wanted, conflict))).toEqual([
      'untrue_answer',
    ])
    expect(kinds(judgeEnd(exchange({ answer: problem(409, 'oops') }), wanted, conflict))).toEqual(['untrue_answer'])
  })
})
