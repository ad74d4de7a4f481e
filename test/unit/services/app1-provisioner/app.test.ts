import { describe, expect, it } from 'vitest'
import { createApp } from '#services/app1-provisioner/app.ts'
import { readIdempotencyKey } from '#services/app1-provisioner/idempotency-key.ts'
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import { ServiceError } from '#shared/errors.ts'
import { fakeApp2, type Asked } from '#test/support/fake-app2.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { fakeMachine } from '#test/support/machine-secrets.ts'
import { createdUserBody, serviceUserRequest } from '#test/support/requests.ts'

const role = 'arn:aws:iam::111111111111:role/orders'
const iam = (userArn: string): unknown => ({ authorizer: { iam: { userArn } } })
const caller = iam('arn:aws:sts::111111111111:assumed-role/orders/session')

function setUp(failure?: Error, { hasDryRuns = false, forecast }: { hasDryRuns?: boolean; forecast?: object } = {}) {
  const answer = forecast === undefined ? createdUserBody() : { rows: [forecast] }
  const app2 = fakeApp2(() => (failure ? Promise.reject(failure) : answer))
  const logger = recordingLogger()
  const app = createApp({
    now: Date.now,
    logger,
    allowedCallers: [{ role: parseRoleArn(role) ?? expect.fail(), permissions: ['create'] }],
    hasDryRuns,
    machine: fakeMachine(),
    sealer: { seal: () => Promise.resolve('sealed') },
    app2,
  })
  const post = async (
    body: unknown = serviceUserRequest(),
    { headers = {}, requestContext = caller, query = '' }: Sent = {},
  ) => {
    const init = {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    }
    const response = await app.request(`/create-service-user${query}`, init, { requestContext })
    return { status: response.status, headers: response.headers, body: await response.json() }
  }
  const asked = (): readonly Asked['body'][] => app2.asked.map(({ body }) => body)
  const paths = (): readonly string[] => app2.asked.map(({ path }) => path)
  return { asked, paths, logger, post }
}

type Sent = {
  readonly headers?: Record<string, string>
  readonly requestContext?: unknown
  readonly query?: string
}

describe('POST /create-service-user', () => {
  it('creates the user on behalf of the role that API Gateway verified', async () => {
    const { asked, logger, post } = setUp()

    expect(await post()).toMatchObject({ status: 201, body: createdUserBody() })
    expect(asked()).toEqual([expect.objectContaining({ requested_by: role, username: 'orders-worker' })])
    expect(logger.lines).toContainEqual(
      expect.objectContaining({ requested_by: role, human_user_id: 'alice@example.com' }),
    )
  })

  it('the same key gives the same provisioning_id, no key another one each time', async () => {
    const { asked, post } = setUp()

    await post(undefined, { headers: { 'idempotency-key': 'k' } })
    await post(undefined, { headers: { 'idempotency-key': 'k' } })
    await post()
    await post()

    const ids = asked().map((request) => request['provisioning_id'])
    expect(ids[0]).toBe(ids[1])
    expect(new Set(ids).size).toBe(3)
  })

  it.each([undefined, {}, iam('arn:aws:sts::111111111111:assumed-role/other/session')])(
    'with the request context %j is refused before the body is read',
    async (requestContext) => {
      const { asked, post } = setUp()

      const answer = await post('not even an object', { requestContext: requestContext ?? null })

      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } })
      expect(asked()).toHaveLength(0)
    },
  )

  it.each([
    ['arn:aws:sts::111111111111:assumed-role/other/session', 'arn:aws:sts::111111111111:assumed-role/other'],
    ['arn:aws:iam::111111111111:user/somebody', 'arn:aws:iam::111111111111:user/somebody'],
  ])('by %s is refused with a line that names who asked', async (userArn, principal) => {
    const { logger, post } = setUp()

    await post(undefined, { requestContext: iam(userArn) })

    expect(logger.lines).toContainEqual(
      expect.objectContaining({ message: 'request refused', code: 'forbidden', requested_by: principal }),
    )
  })

  it('with a malformed key is refused', async () => {
    expect(await setUp().post(undefined, { headers: { 'idempotency-key': 'a b' } })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ header: 'idempotency-key' }] },
    })
  })

  it('that fails tells the caller’s own key and the outcome', async () => {
    const { post } = setUp(new ServiceError('upstream_unavailable', { outcome: 'none' }))

    expect(await post(undefined, { headers: { 'idempotency-key': 'my-key' } })).toMatchObject({
      status: 503,
      body: { code: 'upstream_unavailable', idempotency_key: 'my-key', outcome: 'none' },
    })
  })

  it('that fails without a key tells the one that was made, which repeats the same creation', async () => {
    const { asked, post } = setUp(new ServiceError('throttled', { retryAfterSeconds: 2 }))

    const first = await post()
    const { idempotency_key } = first.body as { idempotency_key: string }
    await post(undefined, { headers: { 'idempotency-key': idempotency_key } })

    expect(first.headers.get('retry-after')).toBe('2')
    expect(asked()[1]?.['provisioning_id']).toBe(asked()[0]?.['provisioning_id'])
  })

  it('that is refused for good tells no key', async () => {
    const { body } = await setUp(new ServiceError('user_exists')).post()

    expect(body).toMatchObject({ code: 'user_exists' })
    expect(body).not.toHaveProperty('idempotency_key')
  })

  it('that crashes is an internal error with the key and an unknown outcome', async () => {
    expect(await setUp(new TypeError('canary')).post(undefined, { headers: { 'idempotency-key': 'k' } })).toMatchObject(
      { status: 500, body: { code: 'internal_error', idempotency_key: 'k', outcome: 'unknown' } },
    )
  })
})

describe('POST /create-service-user?dry_run=true', () => {
  const query = '?dry_run=true'
  const reader = 'arn:aws:iam::111111111111:role/reader'

  it.each([{ would: 'create' }, { would: 'repeat' }, { would: 'refuse', code: 'user_exists' }])(
    'tells %j, and asks App2 for nothing else',
    async (forecast) => {
      const { paths, logger, post } = setUp(undefined, { hasDryRuns: true, forecast })

      expect(await post(undefined, { query })).toMatchObject({
        status: 200,
        body: { username: 'orders-worker', ...forecast },
      })
      expect(paths()).toEqual(['/admin/check-users'])
      expect(logger.lines).toContainEqual(expect.objectContaining({ message: 'creation checked', requested_by: role }))
    },
  )

  it.each([
    [{}, {}],
    [{ password: { generate: { deliver_to: reader } } }, { deliver_to: reader }],
  ])('with %j asks under the id of the creation, with %j', async (changes, delivery) => {
    const headers = { 'idempotency-key': 'k' }
    const dry = setUp(undefined, { hasDryRuns: true, forecast: { would: 'create' } })
    const real = setUp(undefined, { hasDryRuns: true })

    await dry.post(serviceUserRequest(changes), { headers, query })
    await real.post(serviceUserRequest(changes), { headers, query: '?dry_run=false' })

    const [creation] = real.asked()
    expect(real.paths()).toEqual(['/admin/create-user'])
    expect(dry.asked()).toEqual([
      {
        rows: [{ username: 'orders-worker', provisioning_id: creation?.['provisioning_id'], ...delivery }],
        requested_by: role,
      },
    ])
  })

  it.each<[string, Record<string, unknown>, Sent, number, object]>([
    ['a weak password', { password: 'weak' }, {}, 400, { code: 'weak_password' }],
    ['a malformed body', { username: '-' }, {}, 400, { errors: [{ pointer: '/username' }] }],
    ['a malformed key', {}, { headers: { 'idempotency-key': 'a b' } }, 400, { code: 'invalid_request' }],
    ['another caller', {}, { requestContext: {} }, 403, { code: 'forbidden' }],
  ])('refuses %s as the creation does', async (_, changes, sent, status, body) => {
    const { asked, post } = setUp(undefined, { hasDryRuns: true })

    expect(await post(serviceUserRequest(changes), { query, ...sent })).toMatchObject({ status, body })
    expect(asked()).toEqual([])
  })

  it('that fails tells no outcome: there is none', async () => {
    const { post } = setUp(new ServiceError('throttled', { retryAfterSeconds: 2 }), { hasDryRuns: true })

    const { status, headers, body } = await post(undefined, { query })

    expect([status, headers.get('retry-after')]).toEqual([429, '2'])
    expect(body).not.toHaveProperty('outcome')
    expect(body).not.toHaveProperty('idempotency_key')
  })

  it.each([
    [false, '?dry_run=true', 'dry_run'],
    [false, '?dry_run=false', 'dry_run'],
    [false, '?dry-run=true', ''],
    [true, '?dry_run=yes', 'dry_run'],
    [true, '?dry_run=', 'dry_run'],
    [true, '?DRY_RUN=true', ''],
    [true, '?dry_run=true&dry_run=true', 'dry_run'],
  ])('with dry runs (%s), %s is refused and creates nobody', async (hasDryRuns, query, parameter) => {
    const { asked, post } = setUp(undefined, { hasDryRuns })

    expect(await post(undefined, { query })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ parameter }] },
    })
    expect(asked()).toEqual([])
  })
})

describe('an Idempotency-Key', () => {
  it.each(['k', '!~', "#$%&'()*+", '-[]^', 'x'.repeat(255)])('%s is taken as it is', (key) => {
    expect(readIdempotencyKey(key)).toBe(key)
  })

  it('that is absent is made, another one each time', () => {
    expect(readIdempotencyKey(undefined)).toMatch(/^[0-9a-f-]{36}$/)
    expect(readIdempotencyKey(undefined)).not.toBe(readIdempotencyKey(undefined))
  })

  it.each(['k', "!#'", 'x'.repeat(255)])('in the quotation marks of the draft is the same key: %s', (key) => {
    expect(readIdempotencyKey(`"${key}"`)).toBe(key)
  })

  it.each(
    [
      ['', ' ', 'a b', 'é', '\u007f', 'x'.repeat(256), '""', '"a b"', `"${'x'.repeat(256)}"`].map((key) => [
        key,
        'must be 1 to 255 visible ASCII characters',
      ]),
      // A comma may stand between two keys, wherever the quotation marks are.
      ['k1,k1', ',', '"k1","k1"', '"k1,k2"', '"', '"k', 'k"', 'a"b', '"k";a', String.raw`"a\"b"`, String.raw`a\b`].map(
        (key) => [key, 'must hold no comma, quotation mark or backslash'],
      ),
    ].flat(),
  )('%j is refused: it %s', (key = '', detail) => {
    expect(() => readIdempotencyKey(key)).toThrow(
      expect.objectContaining({ code: 'invalid_request', errors: [{ header: 'idempotency-key', detail }] }),
    )
  })
})
