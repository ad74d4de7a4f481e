// Requests to App1 as they come over the wire, through API Gateway's HTTP API: another spelling of a path, another method or a
// header leads nowhere that the caller may not go, and App2 is asked about no other user.
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest'
import { app1Rules, type Permission } from '#shared/access-rules.ts'
import { startHttpApi } from '../../infra/emulators/gateway/http-api.ts'
import { inProcess } from '../../infra/emulators/gateway/lambda-function.ts'
import { sendRaw } from '../../infra/emulators/test/gateway/raw-request.ts'
import type { Asked } from '../support/fake-app2.ts'
import { createApp1, orders, role, session } from './support/app1.ts'
import { countAttack } from './support/repel.ts'

type Request = {
  readonly method: string
  readonly target: string
  readonly headers?: readonly string[]
  readonly body?: string
}
type Reached = { readonly status: number; readonly asked: readonly Asked[] }
type Gateway = { send(request: Request): Promise<Reached>; close(): Promise<void> }

/** App1 behind its gateway, for a session of the one role on its list. */
async function open(granted: readonly Permission[]): Promise<Gateway> {
  const { handler, asked } = createApp1(orders(granted))
  const app1 = inProcess(handler, { name: 'app1-provisioner', timeoutMs: 5_000 })
  const routes = app1Rules.map(({ method, path }) => ({ method, path, function: app1 }))
  const api = await startHttpApi({ routes, callerArn: session })
  return {
    send: async (request) => {
      const before = asked.length
      const { status } = await sendRaw(api.url, request)
      return { status, asked: asked.slice(before) }
    },
    close: () => api.close(),
  }
}

const ofRead: readonly string[] = ['/admin/users/read', '/admin/users/list']
const ofWrite = ['disable', 'enable', 'reset-password', 'add-to-group', 'remove-from-group'].map(
  (name) => `/admin/users/${name}`,
)
const methods = ['GET', 'POST', 'PUT', 'DELETE']
const user = '/service-users/orders-worker'

let reader: Gateway
let writer: Gateway
beforeAll(async () => {
  reader = await open(['read'])
  writer = await open(['write'])
})
afterAll(() => Promise.all([reader.close(), writer.close()]))

/** By every method, with a body that a reset takes; what it wants is to have App2 asked anything but `may`. */
async function send(gateway: Gateway, request: Omit<Request, 'method'>, may: readonly string[], { task }: TestContext) {
  const answers: Reached[] = []
  for (const method of methods) {
    const headers = ['Content-Type: application/json', ...(request.headers ?? [])]
    const body = method === 'POST' ? '{"password":"Correct-Horse-8-Battery"}' : ''
    answers.push(await gateway.send({ ...request, method, headers, body }))
  }
  const asked = answers.flatMap((answer) => answer.asked)
  const isAllowed = ({ path, body }: Asked): boolean => may.includes(path) && body['requested_by'] === role
  countAttack(
    task,
    answers.map((answer) => !answer.asked.every(isAllowed)),
  )
  expect(asked.filter((question) => !isAllowed(question))).toEqual([])
  for (const { status, asked: questions } of answers) if (questions.length === 0) expect(status).toBeGreaterThan(399)
  return asked
}

describe('the gateway', () => {
  it('leads each caller where it may go, so that a refusal below means something', async () => {
    expect(await reader.send({ method: 'GET', target: user })).toMatchObject({ asked: [{ path: '/admin/users/read' }] })
    expect(await writer.send({ method: 'POST', target: `${user}/disable` })).toMatchObject({
      asked: [{ path: '/admin/users/disable', body: { username: 'orders-worker', requested_by: role } }],
    })
    expect(await writer.send({ method: 'DELETE', target: `${user}/groups/service-user` })).toMatchObject({
      asked: [{ path: '/admin/users/remove-from-group' }],
    })
  })

  it('has a deletion within one segment of what a writer may do', async () => {
    expect(await writer.send({ method: 'DELETE', target: user })).toEqual({ status: 403, asked: [] })
  })
})

/** Ways to write a slash, a dot, or the end of a path. */
const spellings = [
  ...[
    '',
    '/',
    '//',
    '/.',
    '/..',
    '/../orders-worker',
    '/disable/..',
    '/%2e%2e',
    '/%2E%2E/orders-worker',
    '/%252e%252e',
  ],
  ...[
    '%2Fdisable',
    '%2fdisable',
    '%252Fdisable',
    '%25252Fdisable',
    '%5Cdisable',
    '\\disable',
    ';/disable',
    ';x=1/disable',
  ],
  ...['%2Fgroups%2Fservice-user', '/groups%2Fservice-user', '/groups/service-user%2F..%2F..', '/groups/..', '/groups/'],
  ...['/groups/service-user/../..', '/groups/service-user%00', '/groups/service-user?', '%3Fforce=true', '%23'],
  ...[
    '?force=true',
    '?_method=DELETE',
    '?method=DELETE&force=true',
    '#/disable',
    '%00',
    '%00/disable',
    '%0a',
    '%0d%0aDELETE',
  ],
  ...[
    '/DISABLE',
    '/Disable',
    '/disable/',
    '/disable//',
    '//disable',
    '/./disable',
    '/disable%20',
    '/disable.json',
    '/disable*',
  ],
  ...[
    '/%64isable',
    '/%2564isable',
    '/reset-password/',
    '/enable/disable',
    '/{group}',
    '/groups/{group}',
    '/*',
    '/{proxy+}',
  ],
  ...['%', '%2', '%zz', '%c0%af', '%c0%ae%c0%ae', '%ff', '%u002fdisable', '%EF%BC%BCdisable'],
]

describe('another spelling behind a name', () => {
  it.for(spellings)('%s: a reader reads at most', async (ending, context) => {
    await send(reader, { target: `${user}${ending}` }, ofRead, context)
  })

  it.for(spellings)('%s: a writer deletes and reads nobody', async (ending, context) => {
    const asked = await send(writer, { target: `${user}${ending}` }, ofWrite, context)

    expect(asked.filter(({ body }) => body['username'] !== 'orders-worker')).toEqual([])
  })
})

/** Names that stand for another user, or for none. */
const names = [
  ...['{username}', '%7Busername%7D', '*', '%2A', '.', '..', '%2e', '%2e%2e', '%252e%252e', '~', '-', '_', '%20', '+'],
  ...[
    'e60426f4-111e-4dd5-9f8c-57fbb2653906',
    'E60426F4-111E-4DD5-9F8C-57FBB2653906',
    'e60426f4-111e-4dd5-9f8c-57fbb265390%36',
  ],
  ...[
    'orders-worker%00',
    '%00orders-worker',
    'orders-worker%0a',
    'orders-worker%20',
    '%20orders-worker',
    'orders%2dworker%25',
  ],
  ...[
    'a%2Fb',
    'a%252Fb',
    'orders-worker%2C',
    'orders-worker,other',
    'orders-worker;other',
    'orders-worker&other',
    'a@b',
  ],
  ...[
    '%EF%BD%8Frders',
    'orders-w%D0%BErker',
    'orders%E2%80%90worker',
    'o%CC%88rders',
    '%F0%9F%94%91',
    '%E2%80%AEorders',
  ],
  ...[
    'a'.repeat(129),
    'a'.repeat(8_000),
    '%22',
    "'",
    '%3Cscript%3E',
    '$(id)',
    '%60id%60',
    'null%',
    '[orders]',
    '{"$ne":1}',
  ],
]

describe('a name that is none', () => {
  it.for(names)('%s', async (name, context) => {
    for (const ending of ['', '/disable', '/enable', '/reset-password', '/groups/service-user']) {
      await send(reader, { target: `/service-users/${name}${ending}` }, [], context)
      await send(writer, { target: `/service-users/${name}${ending}` }, [], context)
    }
  })
})

describe('a name in another spelling', () => {
  it.for(['ORDERS-WORKER', 'Orders-Worker', 'orders%2Dworker', '%6frders-worker', '%256frders-worker'])(
    '%s is the one user that it spells',
    async (name, context) => {
      const asked = await send(reader, { target: `/service-users/${name}` }, ofRead, context)

      expect(asked.map(({ body }) => body['username'])).toEqual(['orders-worker'])
    },
  )
})

describe('another way to the routes', () => {
  it.for([
    ...['/', '//', '/*', '/service-users/', '//service-users', '/service-users//', '/Service-Users', '/SERVICE-USERS'],
    ...[
      '/service-users;x',
      '/service-users%2F',
      '/service-users%3F',
      '/x/../service-users',
      '/./service-users',
      '/admin/users/read',
    ],
    ...[
      '/admin/users/delete',
      '/admin/create-user',
      '/dev/service-users',
      '/$default/service-users',
      '/create-service-user/',
    ],
    ...[
      '/create-service-user/../service-users',
      '/create-service-user%2F..%2Fservice-users',
      '/health/../service-users',
    ],
    ...['http://local/service-users/orders-worker', '//local/service-users', '*', '/service-users/orders-worker/x/y/z'],
  ])('%s leads to no change', async (target, context) => {
    await send(reader, { target }, ofRead, context)
  })

  it.for([
    ...[
      'X-HTTP-Method-Override: DELETE',
      'X-HTTP-Method: DELETE',
      'X-Method-Override: DELETE',
      'X-Original-Method: DELETE',
    ],
    ...[`X-Original-URL: ${user}/disable`, `X-Rewrite-URL: ${user}/disable`, `X-Forwarded-Uri: ${user}/disable`],
    ...['X-Forwarded-Prefix: /admin', 'X-Amzn-Request-Path: /admin/users/delete', `Destination: ${user}`],
    ...['X-Amzn-Iam-User-Arn: arn:aws:iam::111111111111:role/admin', 'X-Amzn-Authorizer: {"iam":{"userArn":"arn"}}'],
    ...['X-Latchkey-Requested-By: arn:aws:iam::111111111111:role/admin', 'X-Latchkey-Permissions: read+write+delete'],
    ...['X-Apigateway-Context: {"authorizer":{"iam":{"userArn":"arn"}}}', 'Cookie: permissions=delete'],
  ])('the header %s says nothing', async (header, context) => {
    const asked = await send(reader, { target: user, headers: [header] }, ofRead, context)

    expect(asked).toEqual([{ path: '/admin/users/read', body: { username: 'orders-worker', requested_by: role } }])
  })

  it.for(['HEAD', 'OPTIONS', 'PATCH', 'TRACE', 'LINK', 'get', 'Delete', 'POSTX', 'CONNECT'])(
    'by %s nobody is asked anything',
    async (method, { task }) => {
      for (const target of [user, `${user}/disable`, '/service-users', '/create-service-user']) {
        const { status, asked } = await writer.send({ method, target, headers: ['X-HTTP-Method-Override: POST'] })

        countAttack(task, [asked.length > 0])
        expect([asked, status > 399]).toEqual([[], true])
      }
    },
  )
})
