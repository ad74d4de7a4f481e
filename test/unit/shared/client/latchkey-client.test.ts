import type { IncomingMessage, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { routes } from '#shared/routes.ts'
import type { ClientCode, UnknownCode } from '#shared/client/answer.ts'
import * as operations from '#shared/client/generated/sdk.gen.ts'
import type { CreatedUser, DryCreation } from '#shared/client/generated/types.gen.ts'
import { createLatchkeyClient, NotSignedError, readBaseUrl, type Client } from '#shared/client/latchkey-client.ts'
import { manualClock } from '../../../support/clock.ts'
import { listen, type Listening } from '../../../support/listen.ts'

let server: Listening | undefined

afterEach(() => server?.close())

const body = { username: 'orders', password: 'Canary-Pass-Word-1', human_user_id: 'alice' }
const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' }

type Reply = (response: ServerResponse) => void

const json =
  (status: number, document: object = {}, headers: Record<string, string> = {}): Reply =>
  (response) =>
    response.writeHead(status, headers).end(JSON.stringify(document))
const lost: Reply = (response) => response.destroy()

/** An App1 that gives `replies` one after another, the last one again and again. */
async function serve(...replies: Reply[]) {
  const seen: (Pick<IncomingMessage, 'method' | 'url' | 'headers'> & { body: string })[] = []
  server = await listen((request, response) => {
    void text(request).then((body) => {
      const { method, url, headers } = request
      seen.push({ method, url, headers, body })
      replies[Math.min(seen.length, replies.length) - 1]?.(response)
    })
  })
  const clock = manualClock()
  const waits: number[] = []
  let keys = 0
  const deps = {
    fetch,
    now: clock.now,
    random: () => 0.5,
    sleep: (ms: number) => {
      waits.push(ms)
      clock.advance(ms)
      return Promise.resolve()
    },
    newIdempotencyKey: () => `key-${++keys}`,
  }
  const create = (options: Partial<Parameters<typeof createLatchkeyClient>[0]> = {}): Client =>
    createLatchkeyClient({ url: `${server?.url ?? ''}/`, region: 'eu-west-1', credentials, ...options }, deps)
  return { client: create(), create, seen, waits }
}

describe('the operations', () => {
  const path = { username: 'orders/worker', group: 'service-user' } as const

  it.each<[keyof typeof operations, (client: Client) => Promise<unknown>, string, string, string?]>([
    ['createServiceUser', (client) => operations.createServiceUser({ client, body }), 'POST', '/create-service-user'],
    [
      'listServiceUsers',
      (client) => operations.listServiceUsers({ client, query: { prefix: 'a+b c', limit: '5' } }),
      'GET',
      '/service-users?prefix=a%2Bb%20c&limit=5',
      '',
    ],
    ['getServiceUser', (client) => operations.getServiceUser({ client, path }), 'GET', '', ''],
    ['disableServiceUser', (client) => operations.disableServiceUser({ client, path }), 'POST', '/disable', ''],
    ['enableServiceUser', (client) => operations.enableServiceUser({ client, path }), 'POST', '/enable', ''],
    [
      'resetServiceUserPassword',
      (client) => operations.resetServiceUserPassword({ client, path, body: { password: 'p' } }),
      'POST',
      '/reset-password',
      '{"password":"p"}',
    ],
    [
      'addServiceUserToGroup',
      (client) => operations.addServiceUserToGroup({ client, path }),
      'PUT',
      '/groups/service-user',
      '',
    ],
    [
      'removeServiceUserFromGroup',
      (client) => operations.removeServiceUserFromGroup({ client, path }),
      'DELETE',
      '/groups/service-user',
      '',
    ],
    [
      'deleteServiceUser',
      (client) => operations.deleteServiceUser({ client, path, query: { force: 'true' } }),
      'DELETE',
      '?force=true',
      '',
    ],
    [
      'createJob',
      (client) => operations.createJob({ client, body: { rows: [body] }, query: { dry_run: 'true' } }),
      'POST',
      '/jobs?dry_run=true',
      JSON.stringify({ rows: [body] }),
    ],
    ['getJob', (client) => operations.getJob({ client, path: { id: 'j' } }), 'GET', '/jobs/j', ''],
    [
      'listJobRows',
      (client) => operations.listJobRows({ client, path: { id: 'j' }, query: { state: 'failed', limit: '1000' } }),
      'GET',
      '/jobs/j/rows?state=failed&limit=1000',
      '',
    ],
    ['cancelJob', (client) => operations.cancelJob({ client, path: { id: 'j' } }), 'POST', '/jobs/j/cancel', ''],
    ['health', (client) => operations.health({ client }), 'GET', '/health', ''],
  ])('%s arrives as the document has it, and signed', async (_, run, method, target, sent = JSON.stringify(body)) => {
    const { client, seen } = await serve(json(200, { users: [] }))

    expect(await run(client)).toEqual({ ok: true, status: 200, data: { users: [] }, attempts: 1 })

    const url = /^\/(create|health|jobs|service-users\?)/.test(target)
      ? target
      : `/service-users/orders%2Fworker${target}`
    expect(seen).toMatchObject([{ method, url, body: sent }])
    expect(seen[0]?.headers).toMatchObject({ authorization: expect.stringMatching(/^AWS4-HMAC-SHA256 /) as string })
    expect(seen[0]?.headers['content-type']).toBe(sent === '' ? undefined : 'application/json')
  })

  it('are those of the table of routes', () => {
    expect(Object.keys(operations).sort()).toEqual(routes.app1.map(({ operation }) => operation).sort())
  })

  it('tell their codes and their data by type', () => {
    type Created = Awaited<ReturnType<typeof operations.createServiceUser>>

    expectTypeOf<Extract<Created, { status: 201 }>['data']>().toEqualTypeOf<CreatedUser>()
    expectTypeOf<Extract<Created, { status: 200 }>['data']>().toEqualTypeOf<DryCreation>()
    type Code = Extract<Created, { ok: false }>['code']
    expectTypeOf<'user_exists' | 'idempotency_key_reused' | ClientCode | UnknownCode>().toExtend<Code>()
    // @ts-expect-error: a creation finds no user missing.
    const other: Exclude<Code, UnknownCode> = 'user_not_found'
    expect(other).toBe('user_not_found')
  })

  it.each(['', '.', '..'])('a part of a path that is %j is refused: it would name another route', async (group) => {
    const { client, seen } = await serve(json(200))
    const wrong = { username: 'orders', group: group as 'service-user' }

    await expect(operations.removeServiceUserFromGroup({ client, path: wrong })).rejects.toThrow(TypeError)
    expect(seen).toHaveLength(0)
  })
})

describe('a repeat', () => {
  it('keeps the idempotency key and the body, waits as it is told to, and tells of each wait', async () => {
    const busy = json(429, { code: 'throttled', detail: 'Later.', outcome: 'none' }, { 'retry-after': '3' })
    const { create, seen, waits } = await serve(busy, lost, json(201, { username: 'orders' }))
    const told: string[] = []
    const client = create({ onWait: ({ waitMs, failure }) => told.push(`${failure.code} ${waitMs}`) })

    const created = await operations.createServiceUser({ client, body })

    expect(created).toEqual({ ok: true, status: 201, data: { username: 'orders' }, attempts: 3 })
    expect(seen.map(({ headers, body }) => [headers['idempotency-key'], body])).toEqual(
      Array(3).fill(['key-1', JSON.stringify(body)]),
    )
    expect(waits).toEqual([3_000, 1_000])
    expect(told).toEqual(['throttled 3000', 'unreachable 1000'])
  })

  it('is under the key that the caller gives, and each creation has another one by itself', async () => {
    const { client, seen } = await serve(json(409, { code: 'user_exists' }))

    await operations.createServiceUser({ client, body, headers: { 'Idempotency-Key': 'mine' } })
    const failures = [
      await operations.createServiceUser({ client, body }),
      await operations.createServiceUser({ client, body }),
    ]

    expect(seen[0]?.headers['idempotency-key']).toBe('mine')
    expect(failures).toMatchObject([{ idempotencyKey: expect.any(String) as string }, { code: 'user_exists' }])
    expect(seen[1]?.headers['idempotency-key']).not.toBe(seen[2]?.headers['idempotency-key'])
  })

  it('of a job is under a key of its own', async () => {
    const { client, seen } = await serve(lost, json(202, { job_id: 'j', status_url: '/jobs/j' }))

    expect(await operations.createJob({ client, body: { rows: [body] } })).toMatchObject({ ok: true, attempts: 2 })
    expect(seen.map(({ headers }) => headers['idempotency-key'])).toEqual(['key-1', 'key-1'])
  })

  it.each([{ job_id: 'j' }, { rows: [] }, { username: 'u' }, { users: [] }])(
    '%j is an answer of App1’s',
    async (data) => {
      const { client } = await serve(json(200, data))

      expect(await operations.getJob({ client, path: { id: 'j' } })).toMatchObject({ ok: true, data })
    },
  )

  it('ends after four attempts, with the worst that any of them left', async () => {
    const { client, seen } = await serve(lost, json(503, { code: 'not_ready', outcome: 'none' }))

    const failure = await operations.createServiceUser({ client, body })

    expect(failure).toMatchObject({ ok: false, code: 'not_ready', outcome: 'unknown', attempts: 4 })
    expect(seen).toHaveLength(4)
  })

  it('is by chance alone where Retry-After is a date', async () => {
    const { client, waits } = await serve(json(429, {}, { 'retry-after': 'Sat, 28 Nov 2026 12:00:00 GMT' }))

    await operations.health({ client })

    expect(waits).toEqual([500, 1_000, 2_000])
  })

  it('is not waited for past the total time', async () => {
    const { create, waits } = await serve(json(429, {}, { 'retry-after': '10' }))

    const failure = await operations.createServiceUser({ client: create({ totalMs: 10_000 }), body })

    expect(failure).toMatchObject({ code: 'gateway_refused', attempts: 1, retryAfterSeconds: 10 })
    expect(waits).toEqual([])
  })

  it('that cannot be signed any more leaves the failure of before', async () => {
    const { create, seen } = await serve(lost)
    let asked = 0
    const once = () => ((asked += 1) === 1 ? Promise.resolve(credentials) : Promise.reject(new Error('expired')))

    const failure = await operations.createServiceUser({ client: create({ credentials: once }), body })

    expect(failure).toMatchObject({ code: 'unreachable', outcome: 'unknown', attempts: 4 })
    expect(seen).toHaveLength(1)
  })

  it('there is none of a deletion by force that may have been done', async () => {
    const { client, seen } = await serve(lost)

    const failure = await operations.deleteServiceUser({ client, path: body, query: { force: 'true' } })

    expect(failure).toMatchObject({ code: 'unreachable', outcome: 'unknown', attempts: 1 })
    expect(seen).toHaveLength(1)
  })
})

describe('a failure', () => {
  it.each<[string, Reply, object]>([
    [
      'of App1 has its code, sentence and document',
      json(422, { code: 'idempotency_key_reused', detail: 'D.', request_id: 'r' }),
      { code: 'idempotency_key_reused', message: 'D.', status: 422, outcome: 'none', problem: { request_id: 'r' } },
    ],
    [
      'of a newer App1 has its code, and the outcome that it tells',
      json(500, { code: 'of_tomorrow', outcome: 'partial' }),
      { code: 'of_tomorrow', message: 'Status 500.', outcome: 'partial' },
    ],
    [
      'with an outcome that there is not says so',
      json(500, { code: 'internal_error', outcome: 'x' }),
      { outcome: 'unknown' },
    ],
    [
      'of API Gateway says so',
      json(403, { message: 'Forbidden' }),
      { code: 'gateway_refused', message: 'Forbidden', status: 403, outcome: 'none' },
    ],
    [
      'without words has its status',
      json(500),
      { code: 'gateway_refused', message: 'Status 500.', outcome: 'unknown' },
    ],
    [
      'that is no JSON is one',
      (response) => response.writeHead(502).end('<html>'),
      { code: 'gateway_refused', status: 502 },
    ],
    [
      'is an answer that cannot be read',
      (response) => response.writeHead(201).end('"x"'),
      { code: 'unreadable_answer', status: 201, outcome: 'unknown' },
    ],
    [
      'is an answer of somebody else’s',
      json(201, { ok: true }),
      { code: 'unreadable_answer', status: 201, outcome: 'unknown' },
    ],
    [
      'is an answer without end',
      (response) => response.writeHead(200).end('x'.repeat(6 * 1024 * 1024 + 1)),
      { code: 'unreachable', outcome: 'unknown' },
    ],
  ])('%s', async (_, reply, expected) => {
    const { client } = await serve(reply)

    expect(await operations.createServiceUser({ client, body })).toMatchObject({ ok: false, ...expected })
  })

  it.each([
    [new DOMException('late', 'TimeoutError'), 'timeout', 'There was no answer in time.', 'unknown'],
    [
      new TypeError('fetch failed', { cause: Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }) }),
      'unreachable',
      'ECONNREFUSED',
      // Nobody was there to do anything.
      'none',
    ],
    [
      new TypeError('fetch failed', { cause: Object.assign(new Error('no host'), { code: 'ENOTFOUND' }) }),
      'unreachable',
      'no host',
      'unknown',
    ],
    ['thrown', 'unreachable', 'The connection broke.', 'unknown'],
  ])('%s is told as %s', async (error, code, message, outcome) => {
    const signals: unknown[] = []
    const client = createLatchkeyClient(
      { url: 'https://app1.example', region: 'eu-west-1', credentials, totalMs: -1 },
      {
        fetch: (_, init) => {
          signals.push(init?.signal)
          // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
          return Promise.reject(error)
        },
        now: () => 0,
        random: () => 1,
        sleep: () => Promise.reject(new Error('slept')),
        newIdempotencyKey: () => 'k',
      },
    )

    expect(await operations.health({ client })).toMatchObject({ code, message, outcome, cause: error })
    expect(signals).toEqual([expect.any(AbortSignal)])
  })

  it('is a redirect, which is not followed', async () => {
    const { client, seen } = await serve((response) => response.writeHead(307, { location: '/' }).end(), json(200))

    const failure = await operations.deleteServiceUser({ client, path: body, query: { force: 'true' } })

    expect(failure).toMatchObject({ code: 'unreachable', outcome: 'unknown' })
    expect(seen).toHaveLength(1)
  })

  it.each([
    [undefined, 35_000],
    [10_000, 10_000],
  ])('to answer is waited for no longer than an attempt and the total of %s ms allow', async (totalMs, timeoutMs) => {
    const { create } = await serve(json(200))
    const timeout = vi.spyOn(AbortSignal, 'timeout')

    await operations.health({ client: create(totalMs === undefined ? {} : { totalMs }) })

    expect(timeout.mock.calls).toEqual([[timeoutMs]])
  })

  it('to sign is thrown: nothing was sent', async () => {
    const { create, seen } = await serve(json(200))
    const cause = new Error('no credentials')

    const run = operations.health({ client: create({ credentials: () => Promise.reject(cause) }) })

    await expect(run).rejects.toThrow(NotSignedError)
    await expect(run).rejects.toMatchObject({ cause })
    expect(seen).toHaveLength(0)
  })
})

describe('readBaseUrl', () => {
  it.each([
    ['https://abc.execute-api.eu-west-1.amazonaws.com', 'https://abc.execute-api.eu-west-1.amazonaws.com/'],
    ['https://api.example.com//base//', 'https://api.example.com/base'],
    ['http://localhost:4001/', 'http://localhost:4001/'],
    ['http://[::1]:4001', 'http://[::1]:4001/'],
  ])('%s is %s', (given, url) => {
    expect(readBaseUrl(given).href).toBe(url)
  })

  it('puts a path of its own before the operation’s', async () => {
    const { create, seen } = await serve(json(200))

    await operations.health({ client: create({ url: `${server?.url ?? ''}/base/` }) })

    expect(seen).toMatchObject([{ url: '/base/health' }])
  })

  const moreThanAPath = 'is an address with a path at most: no user, no query, no fragment.'
  const plain = 'must be https: a request can hold a password.'

  it.each([
    ['example', 'is no address: it begins with https://.'],
    ['http://example.com', plain],
    ['ftp://127.0.0.1', plain],
    ['https://a@example.com', moreThanAPath],
    ['https://:a@example.com', moreThanAPath],
    ['https://example.com?a=1', moreThanAPath],
    ['https://example.com#a', moreThanAPath],
  ])('%s %s', (given, message) => {
    expect(() => readBaseUrl(given)).toThrow(new TypeError(message))
  })
})
