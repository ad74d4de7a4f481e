import { describe, expect, it } from 'vitest'
import type { AttemptFailure } from '#shared/client/answer.ts'
import { outcomeOf, waitBeforeRepeat } from '#shared/client/repeat.ts'

const operation = (method: string, path: string, query = '', idempotencyKey?: string) => ({
  method,
  path,
  query: new URLSearchParams(query),
  idempotencyKey,
})
const creation = operation('POST', '/create-service-user', '', 'k')
const user = '/service-users/{username}'

const lost: AttemptFailure = { ok: false, code: 'c', message: '', outcome: 'unknown' }
const failure = (changes: Partial<AttemptFailure> = {}): AttemptFailure => ({ ...lost, status: 504, ...changes })
const first = { attempts: 1, random: () => 1 }

describe('a request that may have taken effect', () => {
  it.each([
    [true, creation],
    [false, operation('POST', '/create-service-user')],
    [true, operation('GET', '/service-users')],
    [true, operation('POST', `${user}/disable`)],
    [true, operation('POST', '/jobs', '', 'k')],
    [false, operation('POST', '/jobs')],
    [true, operation('POST', '/jobs/{id}/cancel')],
    [true, operation('GET', '/jobs/{id}/rows')],
    [false, operation('POST', `${user}/enable`)],
    [false, operation('POST', `${user}/reset-password`)],
    [false, operation('POST', `${user}/of-a-later-version`)],
    [false, operation('PUT', `${user}/groups/{group}`)],
    [true, operation('DELETE', `${user}/groups/{group}`)],
    [true, operation('DELETE', user)],
    [true, operation('DELETE', user, 'force=false')],
    [false, operation('DELETE', user, 'force=true')],
  ])('is repeated (%s) where that is safe: %j', (repeats, request) => {
    expect(waitBeforeRepeat(request, failure(), first) !== undefined).toBe(repeats)
    expect(waitBeforeRepeat(request, failure({ outcome: 'partial' }), first) !== undefined).toBe(repeats)
    // Where nothing was done, a repeat is the first.
    expect(waitBeforeRepeat(request, failure({ outcome: 'none' }), first)).toBe(1_000)
  })
})

it.each([
  [undefined, true],
  [400, false],
  [403, false],
  [404, false],
  [409, false],
  [422, false],
  [429, true],
  [500, false],
  [502, false],
  [503, true],
  [504, true],
])('after status %s a creation is repeated: %s', (status, repeats) => {
  const waitMs = waitBeforeRepeat(creation, { ...lost, ...(status !== undefined && { status }) }, first)

  expect(waitMs !== undefined).toBe(repeats)
})

it('waits a random time up to 1, 2 and 4 s, never less than Retry-After says, and gives up after four attempts', () => {
  const wait = (attempts: number, random: number, retryAfterSeconds?: number) =>
    waitBeforeRepeat(creation, failure(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }), {
      attempts,
      random: () => random,
    })

  expect([wait(1, 1), wait(2, 1), wait(3, 1), wait(4, 1)]).toEqual([1_000, 2_000, 4_000, undefined])
  expect([wait(3, 0), wait(3, 0.5), wait(3, 0.5, 3), wait(3, 1, 3)]).toEqual([0, 2_000, 3_000, 4_000])
})

it.each([
  [['none', 'none'], 'none'],
  [['unknown', 'none'], 'unknown'],
  [['partial', 'unknown', 'none'], 'partial'],
] as const)('attempts that left %j left all together %s', (attempts, outcome) => {
  expect(outcomeOf(attempts)).toBe(outcome)
})
