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

function setUp(failure?: Error) {
  const app2 = fakeApp2(() => (failure ? Promise.reject(failure) : createdUserBody()))
  const logger = recordingLogger()
  const app = createApp({
    now: Date.now,
    logger,
    allowedCallers: [{ role: parseRoleArn(role) ?? expect.fail(), permissions: ['create'] }],
    machine: fakeMachine(),
    sealer: { seal: () => Promise.resolve('sealed') },
    app2,
  })
  const post = async (
    body: unknown = serviceUserRequest(),
    { headers = {}, requestContext = caller }: { headers?: Record<string, string>; requestContext?: unknown } = {},
  ) => {
    const init = {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    }
    const response = await app.request('/create-service-user', init, { requestContext })
    return { status: response.status, headers: response.headers, body: await response.json() }
  }
  const asked = (): readonly Asked['body'][] => app2.asked.map(({ body }) => body)
  return { asked, logger, post }
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
