import { describe, expect, it } from 'vitest'
import type { Answer } from '#test/gate/faults/answer.ts'
import { parseFault } from '#test/gate/faults/fault.ts'
import type { Exchange, Sighting } from '#test/gate/faults/judge.ts'
import {
  isShutOut,
  judgeReaders,
  judgeSecretAnswer,
  judgeSecretEnd,
  orphansOf,
} from '#test/gate/faults/judge-secret.ts'
import type { UserState } from '#test/gate/faults/operator.ts'
import type { Wanted } from '#test/gate/faults/scenario.ts'
import type { SecretState } from '#test/gate/faults/secret-keeper.ts'
import { provisioningId } from '#test/support/requests.ts'

const reader = 'arn:aws:iam::123456789012:role/reader'
const given: Wanted = {
  username: 'orders-worker',
  password: 'p',
  humanUserId: 'alice@example.com',
  idempotencyKey: 'key',
  provisioningId,
}
const wanted: Wanted = { ...given, reader }
const user: UserState = {
  username: 'orders-worker',
  sub: 'sub-1',
  status: 'CONFIRMED',
  enabled: true,
  attributes: { 'custom:provisioning_id': provisioningId },
  groups: ['service-user'],
  session: 'none',
  createdAt: 0,
  modifiedAt: 0,
}
const secret: SecretState = {
  arn: 'arn:secret',
  sub: 'sub-1',
  isScheduledForDeletion: false,
  current: 'version',
  readers: [reader],
}
const whole: Sighting = { at: 'now', user, secrets: [secret], signIn: 'tokens' }
const shutOut: Sighting = { ...whole, signIn: 'refused' }
const nobody: Sighting = { at: 'now', user: undefined, secrets: [], signIn: 'absent' }

const answerOf = (status: number, body: object): Answer => ({ status, body, retryAfter: null, text: '', headers: '' })
const exchange = (after: Sighting, changes: Partial<Exchange> = {}): Exchange => ({
  which: 'repeat',
  contract: 'POST /create-service-user',
  before: nobody,
  answer: answerOf(201, { secret_arn: 'arn:secret' }),
  settled: after,
  after,
  app1Crashed: false,
  passwordRefused: false,
  ...changes,
})
const failed = (status: number, outcome: string): Answer => answerOf(status, { status, code: 'throttled', outcome })

describe('the answer about a secret', () => {
  it.each([
    ['its own', exchange(whole), 0],
    ['another', exchange(whole, { answer: answerOf(201, { secret_arn: 'arn:other' }) }), 1],
    ['none', exchange(whole, { answer: answerOf(201, {}) }), 1],
    [
      'none, after a deletion',
      exchange(nobody, { contract: 'DELETE /service-users/{username}', answer: answerOf(200, {}) }),
      0,
    ],
    ['an open outcome of a user that its reader cannot be', exchange(shutOut, { answer: failed(503, 'unknown') }), 0],
    ['that the change of such a user has begun', exchange(shutOut, { answer: failed(429, 'partial') }), 0],
    ['no outcome of such a user', exchange(shutOut, { answer: failed(503, 'none') }), 1],
    ['the same where it was so before', exchange(shutOut, { before: shutOut, answer: failed(429, 'none') }), 0],
  ])('tells %s', (_, told, violations) => {
    expect(judgeSecretAnswer(told, wanted)).toHaveLength(violations)
  })
})

it('a live password that another than its reader can read is a leak, at any moment', () => {
  expect(judgeReaders(whole)).toEqual([])
  expect(judgeReaders({ ...whole, strangers: [reader] })).toMatchObject([{ kind: 'leak' }])
})

describe('the secrets in the end', () => {
  const orphan = { ...secret, sub: 'sub-2' }
  const other = { ...secret, readers: ['arn:aws:iam::123456789012:role/other'] }

  it.each([
    ['hold the user’s password', whole, 0],
    ['do not', shutOut, 1],
    ['are another role’s', { ...whole, secrets: [other] }, 1],
    ['are two roles’', { ...whole, secrets: [{ ...secret, readers: [reader, reader] }] }, 1],
    ['are none', { ...whole, secrets: [] }, 1],
    ['are another user’s as well', { ...whole, secrets: [secret, orphan] }, 1],
    ['wait to be deleted', { ...nobody, secrets: [{ ...orphan, isScheduledForDeletion: true }] }, 0],
    ['outlive their user', { ...nobody, secrets: [orphan] }, 1],
    [
      'are not missed of a disabled user',
      { ...whole, user: { ...user, enabled: false }, signIn: 'refused' as const },
      0,
    ],
  ])('%s', (_, after, violations) => {
    expect(judgeSecretEnd(exchange(after), wanted, [])).toHaveLength(violations)
  })

  it('outlive a user that an operator deleted', () => {
    const faults = [parseFault('PutSecretValue:removed')].filter((fault) => fault !== undefined)
    const left = { ...nobody, secrets: [orphan] }

    expect(judgeSecretEnd(exchange(left), wanted, faults)).toEqual([])
    expect(orphansOf(left)).toEqual([orphan])
  })

  it('are nobody’s business where the password was given', () => {
    expect(judgeSecretEnd(exchange({ ...shutOut, secrets: [orphan] }), given, [])).toEqual([])
    expect(isShutOut(shutOut)).toBe(true)
  })
})
