import { beforeEach, describe, expect, it } from 'vitest'
import { createApp } from '#services/app2-accounts/check-users/app.ts'
import { UserMissingError } from '#shared/aws/cognito-users.ts'
import { ServiceError } from '#shared/errors.ts'
import { createAuthorizerReader } from '#shared/http/gateway-callers.ts'
import type { ExistingUser } from '#shared/recognise-user.ts'
import { createTokenBucket } from '#shared/time/token-bucket.ts'
import { manualClock } from '#test/support/clock.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { provisioningId } from '#test/support/requests.ts'

const machine = { authorizer: { sub: 'm', client: 'machine', token: 'user', groups: 'api-client', scopes: '' } }
const admin = { authorizer: { ...machine.authorizer, groups: 'api-admin' } }
const requested_by = 'arn:aws:iam::123456789012:role/orders'
const reader = 'arn:aws:iam::123456789012:role/reader'

const hourMs = 60 * 60_000
const incomplete: ExistingUser = {
  sub: 's',
  createdAt: new Date(Date.UTC(2026, 0, 1)),
  enabled: true,
  awaitsPassword: true,
  provisioningId,
  changedSinceCreation: false,
}
const others = {
  id: `v1.${'C'.repeat(21)}A.${'B'.repeat(21)}A`,
  fingerprint: `v1.${'A'.repeat(22)}.${'C'.repeat(21)}A`,
}

let clock = manualClock()
beforeEach(() => {
  clock = manualClock()
})

function setUp(find: (username: string) => ExistingUser | Error) {
  const logger = recordingLogger()
  const reads: { username: string; at: number }[] = []
  const waiting: { ms: number; wake: () => void }[] = []
  let [inHand, mostInHand] = [0, 0]
  const app = createApp({
    now: clock.now,
    logger,
    readCaller: createAuthorizerReader([]),
    directory: {
      read: async (username) => {
        reads.push({ username, at: clock.now() })
        mostInHand = Math.max(mostInHand, ++inHand)
        await Promise.resolve()
        inHand -= 1
        const found = find(username)
        if (found instanceof Error) throw found
        return found
      },
    },
    passwordReaders: [reader],
    pace: createTokenBucket({ perSecond: 80, burst: 20, now: clock.now }),
    // All who wait begin together, so the clock goes on once for them.
    sleep: (ms) =>
      new Promise<void>((resolve) => {
        if (waiting.push({ ms, wake: resolve }) > 1) return
        setImmediate(() => {
          clock.advance(Math.max(...waiting.map((waiter) => waiter.ms)))
          for (const { wake } of waiting.splice(0)) wake()
        })
      }),
  })
  const post = async (rows: readonly object[], requestContext: unknown = machine) => {
    const init = {
      method: 'POST',
      body: JSON.stringify({ rows, requested_by }),
      headers: { 'content-type': 'application/json' },
    }
    const response = await app.request('/admin/check-users', init, { requestContext })
    return { status: response.status, body: (await response.json()) as { rows?: object[] } }
  }
  return { post, reads, logger, mostInHand: () => mostInHand }
}

const row = (changes: object = {}) => ({ username: 'orders', provisioning_id: provisioningId, ...changes })
const refused = (code: string) => ({ would: 'refuse', code })

describe('POST /admin/check-users', () => {
  it.each<[string, ExistingUser | Error, number, object]>([
    ['nobody', new UserMissingError(), 0, { would: 'create' }],
    ['the same request, unfinished', incomplete, hourMs - 1, { would: 'repeat' }],
    ['the same request, unfinished for an hour', incomplete, hourMs, refused('partial_provision')],
    ['the same request, finished', { ...incomplete, awaitsPassword: false }, hourMs, { would: 'repeat' }],
    ['another creation', { ...incomplete, provisioningId: others.id }, 0, refused('user_exists')],
    ['a user that is not ours', { ...incomplete, provisioningId: undefined }, 0, refused('user_exists')],
    ['a disabled user', { ...incomplete, enabled: false }, 0, refused('user_exists')],
    ['a changed user', { ...incomplete, changedSinceCreation: true }, 0, refused('user_exists')],
    [
      'the same key for another request',
      { ...incomplete, provisioningId: others.fingerprint },
      0,
      refused('idempotency_key_reused'),
    ],
  ])('that finds %s forecasts what a creation would do', async (_, found, atMs, forecast) => {
    const { post } = setUp(() => found)
    clock.advance(atMs)

    expect(await post([row()])).toEqual({ status: 200, body: { rows: [forecast] } })
  })

  it('asks for nobody where the reader may not be one', async () => {
    const { post, reads } = setUp(() => new UserMissingError())

    const { body } = await post([row({ deliver_to: `${reader}2` }), row({ username: 'b', deliver_to: reader })])

    expect(body.rows).toEqual([refused('reader_not_allowed'), { would: 'create' }])
    expect(reads.map(({ username }) => username)).toEqual(['b'])
  })

  it('keeps the order of a thousand rows, and Cognito’s quota in every second', async () => {
    const { post, reads, mostInHand } = setUp((name) => (Number(name) % 2 === 0 ? new UserMissingError() : incomplete))
    const rows = Array.from({ length: 1_000 }, (_, index) => row({ username: String(index) }))

    const { body } = await post(rows)

    expect(body.rows).toEqual(rows.map((_, index) => ({ would: index % 2 === 0 ? 'create' : 'repeat' })))
    expect(reads).toHaveLength(1_000)
    expect(mostInHand()).toBeLessThanOrEqual(20)
    for (const { at: from } of reads) {
      expect(reads.filter(({ at }) => at >= from && at < from + 1_000).length).toBeLessThan(120)
    }
  })

  it.each([
    [new ServiceError('throttled', { retryAfterSeconds: 1 }), 429],
    [new ServiceError('internal_error'), 500],
  ])('that Cognito refuses (%s) says so, and begins nothing more', async (failure, status) => {
    const { post, reads } = setUp(() => failure)

    const answer = await post(Array.from({ length: 500 }, () => row()))

    expect(answer).toMatchObject({ status, body: { code: failure.code } })
    // Nothing is written: there is no outcome to tell.
    expect(answer.body).not.toHaveProperty('outcome')
    expect(reads).toHaveLength(20)
  })

  it.each([
    [admin, 403],
    [undefined, 401],
  ])('by %j is refused with %i before anybody is read', async (requestContext, status) => {
    const { post, reads } = setUp(() => incomplete)

    expect(await post([row()], requestContext ?? null)).toMatchObject({ status })
    expect(reads).toEqual([])
  })

  it.each([
    [0, 400],
    [1, 200],
    [1_000, 200],
    [1_001, 400],
  ])('of %i rows is answered %i', async (count, status) => {
    const { post } = setUp(() => new UserMissingError())

    expect(await post(Array.from({ length: count }, () => row()))).toMatchObject({ status })
  })
})
