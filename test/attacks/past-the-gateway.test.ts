// App2's functions called without their gateway: they trust nobody but the authorizer's context.
import type { LambdaContext, LambdaEvent } from 'hono/aws-lambda'
import { describe, expect, it, type TestContext } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { httpEvent, lambdaContext, restEvent } from '../support/events.ts'
import { serviceUserClaims } from '../support/tokens.ts'
import { createApp2Functions, type App2Function } from './support/app2-functions.ts'
import { countAttack } from './support/repel.ts'
import { bodies, poolKey, type GatedPath } from './support/stage.ts'

const clock = manualClock()
const functions = createApp2Functions(clock)
const ownPath: Readonly<Record<App2Function, GatedPath>> = { 'create-user': '/admin/create-user', sample: '/sample' }
const functionNames = ['create-user', 'sample'] as const

const service = { sub: 'sub-1', client: 'service', groups: 'service-user' }
const machine = { sub: 'sub-2', client: 'machine', groups: 'api-client' }

type AppAnswer = { readonly status: number; readonly code?: unknown }

async function invoke(
  name: App2Function,
  event: LambdaEvent,
  lambda: LambdaContext = lambdaContext(),
): Promise<AppAnswer> {
  const { statusCode, body } = await functions[name](event, lambda)
  const { code } = JSON.parse(body) as { code?: unknown }
  return { status: statusCode, ...(code !== undefined && { code }) }
}

/** Sends the event to both functions and counts: beyond the second check there is a 200 or a 400, never less. */
async function attackBoth(eventFor: (path: GatedPath) => LambdaEvent, { task }: TestContext): Promise<AppAnswer[]> {
  const answers: AppAnswer[] = []
  for (const name of functionNames) answers.push(await invoke(name, eventFor(ownPath[name])))
  countAttack(
    task,
    answers.map(({ status }) => status < 401),
  )
  return answers
}

const unauthorized = functionNames.map(() => ({ status: 401, code: 'unauthorized' }))
const forbidden = functionNames.map(() => ({ status: 403, code: 'forbidden' }))
const notFound = functionNames.map(() => ({ status: 404, code: 'not_found' }))

const eventWith =
  (authorizer: unknown) =>
  (path: GatedPath): LambdaEvent =>
    restEvent({ resource: path, body: bodies[path], authorizer })

describe('the functions', () => {
  it('serve whom the authorizer vouches for', async () => {
    expect(await invoke('sample', eventWith(service)('/sample'))).toEqual({ status: 200 })
    expect(await invoke('create-user', eventWith(machine)('/admin/create-user'))).toEqual({
      status: 400,
      code: 'invalid_request',
    })
  })
})

describe('no authorizer context', () => {
  it('at all', async (context) => {
    const answers = await attackBoth((path) => restEvent({ resource: path, body: bodies[path] }), context)

    expect(answers).toEqual(unauthorized)
  })

  const headers = {
    'Content-Type': 'application/json',
    Authorization: `Bearer ${poolKey.accessToken({ claims: serviceUserClaims })}`,
    'X-Amzn-Authorizer': JSON.stringify(machine),
    'X-Apigateway-Event': JSON.stringify({ requestContext: { authorizer: machine } }),
    'X-Apigateway-Context': JSON.stringify({ authorizer: machine }),
    'X-Amzn-Request-Context': JSON.stringify({ authorizer: machine }),
    'X-Latchkey-Sub': 'sub-1',
    'X-Latchkey-Client': 'machine',
    'X-Latchkey-Groups': 'api-client service-user',
    'X-User-Groups': 'api-client',
    Cookie: 'authorizer=machine',
  }

  it.for(Object.entries(headers))('but the header %s: %s', async ([name, value], context) => {
    const sent = { 'Content-Type': 'application/json', [name]: value }

    const answers = await attackBoth(
      (path) => restEvent({ resource: path, body: bodies[path], headers: sent }),
      context,
    )

    expect(answers).toEqual(unauthorized)
  })

  it('but one in the body', async (context) => {
    const body = JSON.stringify({ requestContext: { authorizer: machine }, authorizer: machine, ...machine })

    expect(await attackBoth((path) => restEvent({ resource: path, body }), context)).toEqual(unauthorized)
  })

  it('but one beside the request context', async (context) => {
    const misplaced = (path: GatedPath): LambdaEvent =>
      Object.assign(restEvent({ resource: path, body: bodies[path] }), {
        authorizer: machine,
        queryStringParameters: machine,
        stageVariables: machine,
        pathParameters: machine,
      })

    expect(await attackBoth(misplaced, context)).toEqual(unauthorized)
  })

  it('but one in Lambda’s own context, which the invoker writes', async ({ task }) => {
    const clientContext = { ...lambdaContext(), clientContext: { Custom: { authorizer: machine } } }
    const answers = [
      await invoke('create-user', restEvent({ resource: '/admin/create-user', body: '{}' }), clientContext as never),
    ]

    countAttack(
      task,
      answers.map(({ status }) => status < 401),
    )
    expect(answers).toEqual([{ status: 401, code: 'unauthorized' }])
  })
})

describe('an authorizer context of the wrong shape', () => {
  const both = { sub: 'sub-1', groups: 'api-client service-user' }

  it.for<unknown>([
    null,
    true,
    'machine',
    JSON.stringify(machine),
    [],
    [machine],
    {},
    { principalId: 'sub-1' },
    { authorizer: machine },
    { lambda: machine },
    { claims: { sub: 'sub-1', 'cognito:groups': 'api-client', client_id: 'machineclient0000000000000' } },
    { jwt: { claims: machine } },
    { iam: { userArn: 'arn:aws:iam::123456789012:root' } },
    both,
    { ...both, client: null },
    { ...both, client: '' },
    { ...both, client: 'Machine' },
    { ...both, client: 'machine ' },
    { ...both, client: ['machine', 'service'] },
    { ...both, client: 'machine,service' },
    { ...both, client: '__proto__' },
    { client: 'machine', groups: 'api-client' },
    { ...machine, sub: '' },
    { ...machine, sub: null },
    { ...machine, sub: ['sub-1'] },
    { ...machine, sub: {} },
    { sub: 'sub-1', client: 'machine' },
    { ...machine, groups: null },
    { ...machine, groups: ['api-client', 'service-user'] },
    { ...machine, groups: { 'api-client': true } },
    { ...machine, groups: true },
    { Sub: 'sub-1', Client: 'machine', Groups: 'api-client' },
  ])('%j', async (authorizer, context) => {
    expect(await attackBoth(eventWith(authorizer), context)).toEqual(unauthorized)
  })

  it('by the prototype', async (context) => {
    expect(
      await attackBoth(
        eventWith(JSON.parse('{"__proto__":{"sub":"a","client":"machine","groups":"api-client"}}')),
        context,
      ),
    ).toEqual(unauthorized)
  })
})

describe('a context that opens nothing, or the other route', () => {
  it.for([
    { ...service, groups: '' },
    { ...service, groups: 'api-client' },
    { ...machine, groups: 'service-user' },
    { ...service, groups: 'SERVICE-USER API-CLIENT' },
    { ...service, groups: 'service-user,api-client' },
    { ...machine, groups: '["api-client"]' },
    { ...machine, groups: 'api-client\tservice-user' },
    { ...machine, groups: 'api-client\u00a0' },
    { ...machine, groups: '*' },
  ])('%j', async (authorizer, context) => {
    expect(await attackBoth(eventWith(authorizer), context)).toEqual(forbidden)
  })

  it.for([
    ['the service user’s', 'create-user', { ...service, groups: 'service-user api-client' }],
    ['the machine’s', 'sample', { ...machine, groups: 'service-user api-client' }],
  ] as const)('%s, in both groups, on %s', async ([, name, authorizer], { task }) => {
    const answer = await invoke(name, eventWith(authorizer)(ownPath[name]))

    countAttack(task, [answer.status < 401])
    expect(answer).toEqual({ status: 403, code: 'forbidden' })
  })
})

describe('an event of another kind', () => {
  it('of an HTTP API, whose authorizer puts its context elsewhere', async (context) => {
    const answers = await attackBoth((path) => {
      const event = httpEvent({ routeKey: `POST ${path}`, body: bodies[path] })
      return Object.assign(event, { requestContext: { ...event.requestContext, authorizer: { lambda: machine } } })
    }, context)

    expect(answers).toEqual(unauthorized)
  })

  it.for<[string, (path: GatedPath) => unknown]>([
    ['of a load balancer', (path) => ({ ...restEvent(), resource: undefined, requestContext: { elb: {} }, path })],
    ['of a greedy route', (path) => restEvent({ resource: '/{proxy+}', path, authorizer: machine })],
    ['of a function URL', (path) => ({ ...httpEvent({ rawPath: path }), routeKey: '$default' })],
    [
      'of the public route, on a gated path',
      (path) => restEvent({ method: 'POST', resource: '/health', path, authorizer: machine }),
    ],
    ['of another method', (path) => restEvent({ method: 'PUT', resource: path, authorizer: machine })],
    ['of a resource in another spelling', (path) => restEvent({ resource: `/x/..${path}`, authorizer: machine })],
    ['of a resource with a slash behind it', (path) => restEvent({ resource: `${path}/`, authorizer: machine })],
    ['of a resource in capitals', (path) => restEvent({ resource: path.toUpperCase(), authorizer: machine })],
  ])('%s', async ([, eventFor], context) => {
    expect(await attackBoth((path) => eventFor(path) as LambdaEvent, context)).toEqual(notFound)
  })

  it.for<unknown>([
    {},
    [],
    'POST /admin/create-user',
    { httpMethod: 'POST', path: '/admin/create-user' },
    { Records: [] },
  ])('that is none: %j', async (event, { task }) => {
    const answers = await Promise.all(functionNames.map((name) => invoke(name, event as LambdaEvent)))

    countAttack(
      task,
      answers.map(({ status }) => status < 401),
    )
    for (const { status } of answers) expect([404, 500]).toContain(status)
  })

  it.for([
    '/x/../admin/create-user',
    '/%61dmin/create-user',
    '/admin\\create-user',
    '/admin/create-user',
    '/sample/../admin/create-user',
  ])('whose path says %s while its resource is /sample: the resource counts', async (path, { task }) => {
    const event = restEvent({ resource: '/sample', path, body: bodies['/sample'], authorizer: service })

    const [sample, createUser] = [await invoke('sample', event), await invoke('create-user', event)]

    countAttack(task, [createUser.status < 401])
    expect(sample).toEqual({ status: 200 })
    expect(createUser).toEqual({ status: 404, code: 'not_found' })
  })
})
