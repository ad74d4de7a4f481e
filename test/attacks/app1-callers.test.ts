// Who asks App1 what: every entry of its list on every route, callers that are nearly on it, and paths and queries that mean
// something else than they say.
import type { LambdaEvent } from 'hono/aws-lambda'
import { describe, expect, it, type TestContext } from 'vitest'
import { readConfig } from '#services/app1-provisioner/config.ts'
import { writeCursor } from '#services/app1-provisioner/list-cursor.ts'
import { app1Rules, permissions, type Permission } from '#shared/access-rules.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { httpEvent, lambdaContext } from '../support/events.ts'
import { machineSecret } from '../support/machine-secrets.ts'
import { goodPassword, serviceUserRequest } from '../support/requests.ts'
import { account, createApp1, orders, role, session } from './support/app1.ts'
import { countAttack } from './support/repel.ts'

/** What App1 says, and whether it was past the gate. */
function setUp(granted: readonly Permission[]) {
  const { handler, asked } = createApp1(orders(granted))
  return async (event: LambdaEvent): Promise<{ status: number; asked: boolean }> => {
    const before = asked.length
    const { statusCode } = await handler(event, lambdaContext())
    return { status: statusCode, asked: asked.length > before }
  }
}

const routes = app1Rules.filter((rule) => rule.access !== 'signed')
const bodies: Readonly<Record<string, unknown>> = {
  '/create-service-user': serviceUserRequest(),
  '/service-users/{username}/reset-password': { password: goodPassword },
  '/jobs': { rows: [serviceUserRequest()] },
}
type Changes = { readonly path?: Record<string, string>; readonly query?: string; readonly body?: string }

function eventOf(routeKey: string, userArn: string | undefined, { path, query = '', body }: Changes = {}): LambdaEvent {
  const [, resource = ''] = routeKey.split(' ')
  const own = bodies[resource]
  const event = httpEvent({ routeKey, userArn, body: body ?? (own === undefined ? null : JSON.stringify(own)) })
  const known: Record<string, string> = { username: 'orders-worker', group: 'service-user', id: 'A'.repeat(22) }
  const names = [...resource.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
  const pathParameters = Object.fromEntries(names.map((name) => [name, known[name] ?? '']))
  return Object.assign(event, { pathParameters: { ...pathParameters, ...path }, rawQueryString: query })
}

const keyOf = ({ method, path }: (typeof routes)[number]): string => `${method} ${path}`
const subsets = permissions.reduce<Permission[][]>(
  (sets, name) => [...sets, ...sets.map((set) => [...set, name])],
  [[]],
)

describe('every set of permissions, on every route', () => {
  it.for(subsets.map((granted) => [granted.join('+') || 'none', granted] as const))(
    '%s',
    async ([, granted], { task }) => {
      const ask = setUp(granted)

      for (const route of routes) {
        const { status, asked } = await ask(eventOf(keyOf(route), session))
        const may = granted.includes(route.access)
        if (!may) countAttack(task, [asked])
        expect([route.path, asked, status === 403]).toEqual([route.path, may, !may])
      }
    },
  )
})

describe('a caller that is not on the list', () => {
  it.for([
    undefined,
    `arn:aws:sts::222222222222:assumed-role/orders/session`,
    `arn:aws-cn:sts::${account}:assumed-role/orders/session`,
    `arn:aws:sts::${account}:assumed-role/Orders/session`,
    `arn:aws:sts::${account}:assumed-role/orders2/session`,
    `arn:aws:sts::${account}:assumed-role/order/s`,
    `arn:aws:sts::${account}:assumed-role/x/orders/session`,
    `arn:aws:sts::${account}:assumed-role/orders`,
    `arn:aws:sts::${account}:assumed-role/orders/a/b`,
    `arn:aws:sts::${account}:federated-user/orders`,
    `arn:aws:iam::${account}:user/orders`,
    `arn:aws:iam::${account}:role/orders`,
    `arn:aws:iam::${account}:root`,
    '*',
    '',
  ])('%s', async (userArn, { task }) => {
    const ask = setUp(permissions)

    for (const route of routes) {
      const { status, asked } = await ask(eventOf(keyOf(route), userArn))
      countAttack(task, [asked])
      expect(status).toBe(403)
    }
  })
})

/** Nothing may be asked, whatever the answer. */
async function repelled(event: LambdaEvent, { task }: TestContext, status: number): Promise<void> {
  const answer = await setUp(permissions)(event)
  countAttack(task, [answer.asked])
  expect(answer).toMatchObject({ asked: false, status })
}

const ofUsers = routes.filter(({ path }) => path.includes('{username}'))

describe('a name that means another route or another user', () => {
  const names = [
    ...[
      '..',
      '.',
      '',
      '/',
      'a/b',
      '../create-service-user',
      'a/../b',
      'orders-worker/disable',
      'orders-worker?force=true',
    ],
    ...['orders-worker%2Fdisable', 'orders-worker%00', 'orders-worker\u0000', 'orders-worker\n', ' orders-worker'],
    ...['{username}', '*', 'ｏrders', 'orders-wоrker', 'a'.repeat(129), '-orders', '"orders"', "' or ''='"],
    ...['e60426f4-111e-4dd5-9f8c-57fbb2653906', 'E60426F4-111E-4DD5-9F8C-57FBB2653906'],
  ]

  it.for(names)('%j', async (username, context) => {
    for (const route of ofUsers) await repelled(eventOf(keyOf(route), session, { path: { username } }), context, 400)
  })

  it.for(['api-client', 'api-admin', 'SERVICE-USER', 'service-user ', '', '*', '../service-user', 'operators'])(
    'the group %j',
    async (group, context) => {
      for (const method of ['PUT', 'DELETE']) {
        const event = eventOf(`${method} /service-users/{username}/groups/{group}`, session, { path: { group } })
        await repelled(event, context, 400)
      }
    },
  )

  it.for(['constructor', 'usernames'])('the parameter %j beside it', async (name, context) => {
    await repelled(eventOf('GET /service-users/{username}', session, { path: { [name]: 'x' } }), context, 400)
  })
})

describe('a query that means more than it should', () => {
  it.for(['force=TRUE', 'force=1', 'force=true&force=false', 'force[]=true', 'Force=true', 'force=true&x=1', 'force'])(
    'of a deletion: %s',
    async (query, context) => {
      await repelled(eventOf('DELETE /service-users/{username}', session, { query }), context, 400)
    },
  )

  const key = machineSecret(null).idempotencySecret
  const good = writeCursor(key, 'token', { requestedBy: role, prefix: 'orders' })
  const others = [
    writeCursor(key, 'token', { requestedBy: `${role}2`, prefix: 'orders' }),
    writeCursor(key, 'token', { requestedBy: role, prefix: 'order' }),
    writeCursor(key, 'token', { requestedBy: role, prefix: undefined }),
    writeCursor(new SecretValue('another-key-of-thirty-two-letters'), 'token', { requestedBy: role, prefix: 'orders' }),
    good.slice(0, -1),
    `${good}A`,
    good.replace('v1', 'v2'),
    good.toUpperCase(),
    `v1.${Buffer.from('tokens').toString('base64url')}.${good.split('.')[2] ?? ''}`,
    'token',
    `${good}&cursor=${good}`,
  ]

  it.for(others.map((cursor, index) => [index, cursor] as const))(
    'of a list: cursor %i',
    async ([, cursor], context) => {
      await repelled(eventOf('GET /service-users', session, { query: `prefix=orders&cursor=${cursor}` }), context, 400)
    },
  )

  it.for([
    ...['limit=0', 'limit=-1', 'limit=060', 'limit=1.0', 'limit=', 'limit=20&limit=20', 'limit=%32&limit=2', 'LIMIT=2'],
    ...['prefix=', 'prefix=a&prefix=b', 'prefix[]=a', 'prefix=%00', 'prefix=a%0a', 'prefix=-a', 'prefix=%EF%BD%81'],
    ...[`prefix=${'a'.repeat(129)}`, 'cursor=', 'cursor=v1..', 'cursor=v1.dG9rZW4', 'cursor=%00', 'cursor=v1.a.b&x=1'],
    ...['pagination_token=token', 'requested_by=arn', 'force=true', 'username=a', '__proto__=a', 'constructor=a'],
    'prefix=%22%20or%20username%20%5E%3D%20%22',
    'prefix=a%22',
    'prefix=a*',
    'prefix=A',
    'limit=61',
    'limit=1e9',
  ])('of a list: %s', async (query, context) => {
    await repelled(eventOf('GET /service-users', session, { query }), context, 400)
  })
})

describe('an event whose parts disagree', () => {
  it.for(routes.map(keyOf))('%s: the route key counts, and nothing beside it', async (routeKey, { task }) => {
    const [own = '', resource = ''] = routeKey.split(' ')
    const ownPermission = routes.find((route) => keyOf(route) === routeKey)?.access ?? expect.fail(routeKey)
    const others = permissions.filter((permission) => permission !== ownPermission)

    for (const { method, path } of routes) {
      const event = eventOf(routeKey, session)
      const http = { ...event.requestContext, httpMethod: method, resourcePath: path, http: { method, path } }
      const beside = { requestContext: http, rawPath: path, path, resource: path, httpMethod: method }
      const { status, asked } = await setUp(others)(Object.assign(event, beside))

      countAttack(task, [asked])
      expect([own, resource, method, path, status]).toEqual([own, resource, method, path, 403])
    }
  })
})

describe('a body where none belongs', () => {
  it.for(routes.filter(({ path }) => !Object.hasOwn(bodies, path)).map(keyOf))(
    '%s does what its path says',
    async (routeKey, { task }) => {
      const named = { username: 'somebody-else', group: 'api-admin', prefix: 'a', limit: 60 }
      const body = JSON.stringify({ ...named, requested_by: 'arn:aws:iam::1:role/admin', force: true })
      const { handler, asked } = createApp1(orders(permissions))

      await handler(eventOf(routeKey, session), lambdaContext())
      await handler(eventOf(routeKey, session, { body }), lambdaContext())

      const [without, withOne] = asked
      countAttack(task, [JSON.stringify(withOne) !== JSON.stringify(without)])
      expect(asked).toHaveLength(2)
      expect(withOne).toEqual(without)
      // A job is found by its id, and shown to its maker alone.
      const isOfJobs = routeKey.includes('/jobs/')
      expect(withOne?.body).toMatchObject(isOfJobs ? { of: 'A'.repeat(22) } : { requested_by: role })
    },
  )
})

describe('an entry of the list that is nearly right', () => {
  const environment = {
    AWS_REGION: 'eu-west-1',
    USER_POOL_ID: 'eu-west-1_Pool1',
    MACHINE_SECRET_ARN: `arn:aws:secretsmanager:eu-west-1:${account}:secret:latchkey/machine-AbCdEf`,
    APP2_URL: 'https://abc.execute-api.eu-west-1.amazonaws.com/dev',
    KMS_KEY_ARN: `arn:aws:kms:eu-west-1:${account}:key/00000000-0000-4000-8000-000000000000`,
  }
  const read = (ALLOWED_CALLERS: string) => readConfig({ ...environment, ALLOWED_CALLERS }).allowedCallers

  it('stands beside one that is right', () => {
    expect(read(`${role}=read+delete`)).toEqual(orders(['read', 'delete']))
  })

  it.for([
    ...['READ', 'Read', 'all', '*', 'create+*', 'admin', 'true', 'undefined', 'constructor', '__proto__'],
    ...['read write', 'read;write', 'read|write', 'read/write', 'read,write', 'read +write', 'read+ write', '+read'],
    ...['read++write', 'read+write+read', 'read%2Bwrite', 'read＋write', 'rеad', 'read\u0000'],
    ...['read\nwrite', '"read"', "'read'", '[read]', 'reads', 'rea', 'users.read', 'app2/users.read'],
  ])('%j as its permissions starts no App1', (granted, { task }) => {
    const attempt = (): unknown => read(`${role}=${granted}`)

    countAttack(task, [!throws(attempt)])
    expect(attempt).toThrow('ALLOWED_CALLERS is not valid')
  })

  it.for([
    ...[`arn:aws:iam::${account}:root`, `arn:aws:iam::${account}:user/orders`, `arn:aws:iam::${account}:group/orders`],
    ...[session, `arn:aws:iam::${account}:role/`, `arn:aws:iam::${account}:role/orders/`, `arn:aws:iam::*:role/orders`],
    ...[`arn:*:iam::${account}:role/orders`, `arn:aws:iam::${account}:role/order?`, `arn:aws:iam::${account}:*`],
    ...['arn:aws:iam::11111111111:role/orders', 'arn:aws:iam::1111111111111:role/orders', '111111111111', 'orders'],
    ...[`ARN:aws:iam::${account}:role/orders`, `arn:aws:iam:us-east-1:${account}:role/orders`, `"${role}"`, `!${role}`],
    ...[`arn:aws:iam::${account}:role/ｏrders`, `${role}\n${role}2`, `${role} ${role}2`, ',', ' '],
  ])('%j as its role starts no App1', (arn, { task }) => {
    for (const text of [`${arn}=read`, arn, `${role}2,${arn}`]) {
      const attempt = (): unknown => read(text)

      countAttack(task, [!throws(attempt)])
      expect(attempt).toThrow('ALLOWED_CALLERS is not valid')
    }
  })
})

function throws(attempt: () => unknown): boolean {
  try {
    attempt()
    return false
  } catch {
    return true
  }
}
