// Who asks App1 what: every entry of its list on every route, callers that are nearly on it, and paths and queries that mean
// something else than they say.
import type { LambdaEvent } from 'hono/aws-lambda'
import { describe, expect, it, type TestContext } from 'vitest'
import { createApp } from '#services/app1-provisioner/app.ts'
import type { AllowedCaller } from '#services/app1-provisioner/caller.ts'
import { writeCursor } from '#services/app1-provisioner/list-cursor.ts'
import { app1Rules, permissions, type Permission } from '#shared/access-rules.ts'
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import { createLambdaHandler } from '#shared/http/lambda-handler.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { httpEvent, lambdaContext } from '../support/events.ts'
import { fakeApp2 } from '../support/fake-app2.ts'
import { recordingLogger } from '../support/logger.ts'
import { fakeMachine, machineSecret } from '../support/machine-secrets.ts'
import { goodPassword, serviceUserRequest } from '../support/requests.ts'
import { countAttack } from './support/repel.ts'

const account = '111111111111'
const role = `arn:aws:iam::${account}:role/orders`
const session = `arn:aws:sts::${account}:assumed-role/orders/session`
const entry = (arn: string, granted: readonly Permission[]): AllowedCaller => ({
  role: parseRoleArn(arn) ?? expect.fail(arn),
  permissions: granted,
})

/** App1 as its function is, for `callers`; whoever gets past its gate has App2 asked. */
function setUp(callers: readonly AllowedCaller[]) {
  const app2 = fakeApp2(() => Promise.reject(new Error('asked')))
  const logger = recordingLogger()
  const sealer = { seal: () => Promise.resolve('sealed') }
  const app = createApp({ now: Date.now, logger, allowedCallers: callers, machine: fakeMachine(), sealer, app2 })
  const handler = createLambdaHandler(app, logger)
  /** What App1 says, and whether it was past the gate. */
  return async (event: LambdaEvent): Promise<{ status: number; code: unknown; asked: boolean; body: unknown }> => {
    const before = app2.asked.length
    const { statusCode, body } = await handler(event, lambdaContext())
    const answer = JSON.parse(body) as { readonly code?: unknown }
    return { status: statusCode, code: answer.code, asked: app2.asked.length > before, body: answer }
  }
}

const routes = app1Rules.filter((rule) => rule.access !== 'signed')
const bodies: Readonly<Record<string, unknown>> = {
  '/create-service-user': serviceUserRequest(),
  '/service-users/{username}/reset-password': { password: goodPassword },
}
type Changes = { readonly path?: Record<string, string>; readonly query?: string; readonly body?: string }

function eventOf(routeKey: string, userArn: string | undefined, { path, query = '', body }: Changes = {}): LambdaEvent {
  const [, resource = ''] = routeKey.split(' ')
  const own = bodies[resource]
  const event = httpEvent({ routeKey, userArn, body: body ?? (own === undefined ? null : JSON.stringify(own)) })
  const known: Record<string, string> = { username: 'orders-worker', group: 'service-user' }
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
      const ask = setUp([entry(role, granted)])

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
    const ask = setUp([entry(role, permissions)])

    for (const route of routes) {
      const { status, asked } = await ask(eventOf(keyOf(route), userArn))
      countAttack(task, [asked])
      expect(status).toBe(403)
    }
  })
})

/** Nothing may be asked, whatever the answer. */
async function repelled(event: LambdaEvent, { task }: TestContext, status: number): Promise<void> {
  const answer = await setUp([entry(role, permissions)])(event)
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

describe('a body where none belongs', () => {
  it.for(['POST /service-users/{username}/disable', 'POST /service-users/{username}/enable'])(
    '%s does what its path says',
    async (routeKey) => {
      const body = JSON.stringify({ username: 'somebody-else', requested_by: 'arn:aws:iam::1:role/admin', force: true })
      const app2 = fakeApp2(() => Promise.reject(new Error('asked')))
      const app = createApp({
        now: Date.now,
        logger: recordingLogger(),
        allowedCallers: [entry(role, permissions)],
        machine: fakeMachine(),
        sealer: { seal: () => Promise.resolve('sealed') },
        app2,
      })

      await createLambdaHandler(app, recordingLogger())(eventOf(routeKey, session, { body }), lambdaContext())

      expect(app2.asked.map((question) => question.body)).toEqual([{ username: 'orders-worker', requested_by: role }])
    },
  )
})
