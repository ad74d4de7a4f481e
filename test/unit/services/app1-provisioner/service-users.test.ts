import { describe, expect, it } from 'vitest'
import { createApp } from '#services/app1-provisioner/app.ts'
import { writeCursor } from '#services/app1-provisioner/list-cursor.ts'
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import { permissions, type Permission } from '#shared/access-rules.ts'
import { ServiceError } from '#shared/errors.ts'
import { createLambdaHandler } from '#shared/http/lambda-handler.ts'
import { lambdaContext } from '#test/support/events.ts'
import { httpEvent } from '#test/support/events.ts'
import { fakeApp2, type Asked } from '#test/support/fake-app2.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { fakeMachine, machineSecret } from '#test/support/machine-secrets.ts'
import { goodPassword, provisioningId } from '#test/support/requests.ts'

const role = 'arn:aws:iam::111111111111:role/orders'
const userArn = 'arn:aws:sts::111111111111:assumed-role/orders/session'

const user = {
  username: 'orders-worker',
  user_id: 'e60426f4-111e-4dd5-9f8c-57fbb2653906',
  status: 'active',
  human_user_id: 'alice',
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
  provisioning_id: provisioningId,
}
const shown = { ...user, groups: ['service-user'] }
const ended = { ...shown, access_ends_at: '2026-01-01T00:16:00.000Z' }
const deleted = { username: user.username, user_id: user.user_id, access_ends_at: ended.access_ends_at }

type Request = {
  readonly path?: Record<string, string>
  readonly query?: string
  readonly body?: unknown
}

/** App1 behind its gateway, with a caller that may all; App2 answers with `answer`. */
function setUp(answer: unknown = shown) {
  const app2 = fakeApp2(() => (answer instanceof Error ? Promise.reject(answer) : answer))
  const logger = recordingLogger()
  const handler = createLambdaHandler(
    createApp({
      now: Date.now,
      logger,
      allowedCallers: [{ role: parseRoleArn(role) ?? expect.fail(), permissions }],
      machine: fakeMachine(),
      sealer: {
        seal: (_, { purpose, username, provisioningId: id }) => Promise.resolve(`${purpose} ${username} ${id}`),
      },
      app2,
    }),
    logger,
  )
  const call = async (routeKey: string, { path = { username: 'orders-worker' }, query, body }: Request = {}) => {
    const event = {
      ...httpEvent({ routeKey, userArn, ...(body !== undefined && { body: JSON.stringify(body) }) }),
      pathParameters: path,
      rawQueryString: query ?? '',
    }
    const result = await handler(event, lambdaContext())
    return { status: result.statusCode, body: JSON.parse(result.body) as unknown }
  }
  return { asked: app2.asked, call, logger }
}

const ofUser = '/service-users/{username}'
const ofGroup = `${ofUser}/groups/{group}`
const asked = { username: 'orders-worker', requested_by: role }
const member = { username: 'orders-worker', group: 'service-user' }

const routes: readonly [string, Request, Permission, unknown, Asked][] = [
  [`GET ${ofUser}`, {}, 'read', shown, { path: '/admin/users/read', body: asked }],
  [
    'GET /service-users',
    { path: {}, query: 'prefix=ord' },
    'read',
    { users: [user] },
    { path: '/admin/users/list', body: { prefix: 'ord', limit: 20, requested_by: role } },
  ],
  [`POST ${ofUser}/disable`, {}, 'write', ended, { path: '/admin/users/disable', body: asked }],
  [`POST ${ofUser}/enable`, {}, 'write', shown, { path: '/admin/users/enable', body: asked }],
  [
    `POST ${ofUser}/reset-password`,
    { body: { password: goodPassword } },
    'write',
    ended,
    {
      path: '/admin/users/reset-password',
      body: {
        ...asked,
        encrypted_password: expect.stringMatching(/^latchkey:reset-password orders-worker v1\./) as string,
        reset_id: expect.stringMatching(/^v1\./) as string,
      },
    },
  ],
  [
    `PUT ${ofGroup}`,
    { path: member },
    'write',
    shown,
    { path: '/admin/users/add-to-group', body: { ...member, requested_by: role } },
  ],
  [
    `DELETE ${ofGroup}`,
    { path: member },
    'write',
    ended,
    { path: '/admin/users/remove-from-group', body: { ...member, requested_by: role } },
  ],
  [
    `DELETE ${ofUser}`,
    { query: 'force=true' },
    'delete',
    deleted,
    { path: '/admin/users/delete', body: { ...asked, force: true } },
  ],
]

describe.each(routes)('%s', (route, request, permission, answer, question) => {
  it('asks App2 in the name of the role that asked, and passes its answer on', async () => {
    const { asked: seen, call } = setUp(answer)

    expect(await call(route, request)).toEqual({ status: 200, body: answer })
    expect(seen).toEqual([question])
  })

  it('that fails says what became of a change, and nothing of a read', async () => {
    const failure = new ServiceError('throttled', { retryAfterSeconds: 1, outcome: 'partial' })

    const { status, body } = await setUp(failure).call(route, request)

    expect(status).toBe(429)
    if (permission === 'read') expect(body).not.toHaveProperty('outcome')
    else expect(body).toMatchObject({ outcome: 'partial' })
  })
})

describe('a username', () => {
  it('in any case is the same', async () => {
    const { asked: seen, call } = setUp()

    await call(`GET ${ofUser}`, { path: { username: 'Orders-Worker' } })

    expect(seen[0]?.body['username']).toBe('orders-worker')
  })
})

describe('a list', () => {
  const key = machineSecret(null).idempotencySecret
  const list = (query: string, answer: unknown = { users: [user] }) => {
    const { asked: seen, call } = setUp(answer)
    return call('GET /service-users', { path: {}, query }).then((result) => ({ ...result, asked: seen[0]?.body }))
  }

  it('has a cursor that leads to the next page of the same query, and to no other', async () => {
    const first = await list('prefix=ord&limit=1', { users: [user], pagination_token: 'token' })
    const { cursor } = first.body as { readonly cursor: string }

    expect(first).toMatchObject({ status: 200, body: { users: [user] } })
    expect(await list(`prefix=ord&cursor=${cursor}`)).toMatchObject({
      status: 200,
      asked: { prefix: 'ord', limit: 20, pagination_token: 'token' },
    })
    expect(await list(`prefix=orders&cursor=${cursor}`)).toMatchObject({
      status: 400,
      body: { errors: [{ parameter: 'cursor' }] },
    })
  })

  it('with a cursor whose page Cognito has forgotten says so', async () => {
    const cursor = writeCursor(key, 'token', { requestedBy: role, prefix: undefined })
    const { call } = setUp(new ServiceError('invalid_request', { errors: [{ parameter: 'cursor', detail: 'd' }] }))

    expect(await call('GET /service-users', { path: {}, query: `cursor=${cursor}` })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ parameter: 'cursor' }] },
    })
  })

  it.each([
    ['limit=0', 'limit'],
    ['limit=61', 'limit'],
    ['limit=1e1', 'limit'],
    ['limit=-1', 'limit'],
    ['prefix=', 'prefix'],
    ['prefix=A', 'prefix'],
    ['prefix=a%22', 'prefix'],
    ['cursor=', 'cursor'],
    ['cursor=v1.a.b', 'cursor'],
    ['limit=1&limit=2', 'limit'],
    ['x=1&x=2', ''],
    ['limits=1', ''],
  ])('is not made for ?%s', async (query, parameter) => {
    expect(await list(query)).toMatchObject({
      status: 400,
      asked: undefined,
      body: { code: 'invalid_request', errors: [{ parameter }] },
    })
  })
})

describe('a deletion', () => {
  it.each(['', 'force=false'])('without force (%j) is of a disabled user alone', async (query) => {
    const { asked: seen, call } = setUp(deleted)

    await call(`DELETE ${ofUser}`, { query })

    expect(seen[0]?.body['force']).toBe(false)
  })

  it.each(['force=1', 'force=', 'force=true&force=true', 'forced=true'])('is refused with ?%s', async (query) => {
    const { asked: seen, call } = setUp(deleted)

    expect(await call(`DELETE ${ofUser}`, { query })).toMatchObject({ status: 400 })
    expect(seen).toEqual([])
  })
})

describe('another password', () => {
  it('that is weak is refused before anybody is asked', async () => {
    const { asked: seen, call } = setUp()

    expect(await call(`POST ${ofUser}/reset-password`, { body: { password: 'weak' } })).toMatchObject({
      status: 400,
      body: { code: 'weak_password' },
    })
    expect(seen).toEqual([])
  })

  it('is another request each time', async () => {
    const { asked: seen, call } = setUp(ended)

    for (let times = 0; times < 2; times += 1)
      await call(`POST ${ofUser}/reset-password`, { body: { password: goodPassword } })

    expect(new Set(seen.map(({ body }) => body['reset_id'])).size).toBe(2)
  })
})
