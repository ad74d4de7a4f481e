// App2's functions called without their gateway: they trust nobody but the authorizer's context.
import type { LambdaEvent } from 'hono/aws-lambda'
import { describe, expect, it } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { lambdaContext, restEvent } from '../support/events.ts'
import { poolKey } from '../support/pool-keys.ts'
import { serviceUserClaims } from '../support/tokens.ts'
import { createApp2Functions } from './support/app2-functions.ts'
import { attackEach, forbidden, invoke, ownPath, unauthorized } from './support/invoke.ts'
import { countAttack } from './support/repel.ts'
import { bodies, type GatedPath } from './support/stage.ts'

const clock = manualClock()
const functions = createApp2Functions(clock)

const service = { sub: 'sub-1', client: 'service', token: 'user', groups: 'service-user', scopes: '' }
const machine = { sub: 'sub-2', client: 'machine', token: 'user', groups: 'api-client', scopes: '' }
const scopeMachine = { ...machine, token: 'machine', groups: '', scopes: 'app2/users.create' }

const eventWith =
  (authorizer: unknown) =>
  (path: GatedPath): LambdaEvent =>
    restEvent({ resource: path, body: bodies[path], authorizer })

describe('the functions', () => {
  it('serve whom the authorizer lets through', async () => {
    expect(await invoke(functions.sample, eventWith(service)('/sample'))).toEqual({ status: 200 })
    for (const authorizer of [machine, scopeMachine]) {
      expect(await invoke(functions['create-user'], eventWith(authorizer)('/admin/create-user'))).toEqual({
        status: 400,
        code: 'invalid_request',
      })
    }
  })
})

describe('no authorizer context', () => {
  it('at all', async (context) => {
    const answers = await attackEach(functions, (path) => restEvent({ resource: path, body: bodies[path] }), context)

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
    'X-Latchkey-Scopes': 'app2/users.create app2/sample.call',
    'X-User-Groups': 'api-client',
    Cookie: 'authorizer=machine',
  }

  it.for(Object.entries(headers))('but the header %s: %s', async ([name, value], context) => {
    const sent = { 'Content-Type': 'application/json', [name]: value }

    const answers = await attackEach(
      functions,
      (path) => restEvent({ resource: path, body: bodies[path], headers: sent }),
      context,
    )

    expect(answers).toEqual(unauthorized)
  })

  it('but one in the body', async (context) => {
    const body = JSON.stringify({ requestContext: { authorizer: machine }, authorizer: machine, ...machine })

    expect(await attackEach(functions, (path) => restEvent({ resource: path, body }), context)).toEqual(unauthorized)
  })

  it('but one beside the request context', async (context) => {
    const misplaced = (path: GatedPath): LambdaEvent =>
      Object.assign(restEvent({ resource: path, body: bodies[path] }), {
        authorizer: machine,
        queryStringParameters: machine,
        stageVariables: machine,
        pathParameters: machine,
      })

    expect(await attackEach(functions, misplaced, context)).toEqual(unauthorized)
  })

  it('but one in Lambda’s own context, which the invoker writes', async ({ task }) => {
    const clientContext = { ...lambdaContext(), clientContext: { Custom: { authorizer: machine } } }
    const answers = [
      await invoke(
        functions['create-user'],
        restEvent({ resource: '/admin/create-user', body: '{}' }),
        clientContext as never,
      ),
    ]

    countAttack(
      task,
      answers.map(({ status }) => status < 401),
    )
    expect(answers).toEqual([{ status: 401, code: 'unauthorized' }])
  })
})

describe('an authorizer context of the wrong shape', () => {
  const both = { sub: 'sub-1', token: 'user', groups: 'api-client service-user', scopes: '' }

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
    { client: 'machine', token: 'user', groups: 'api-client', scopes: '' },
    { ...machine, sub: '' },
    { ...machine, sub: null },
    { ...machine, sub: ['sub-1'] },
    { ...machine, sub: {} },
    { sub: 'sub-1', client: 'machine' },
    { ...both, client: 'machine', token: undefined },
    { ...both, client: 'machine', token: null },
    { ...both, client: 'machine', token: 'User' },
    { ...both, client: 'machine', token: 'user machine' },
    { ...both, client: 'machine', token: 'principal' },
    { ...both, client: 'machine', groups: undefined },
    { ...both, client: 'machine', groups: undefined, scopes: undefined },
    { ...both, client: 'machine', scopes: 'app2/users.create' },
    { ...scopeMachine, groups: 'api-client' },
    { ...scopeMachine, groups: undefined, scopes: undefined },
    { ...scopeMachine, groups: 'api-client', scopes: undefined },
    { ...scopeMachine, scopes: ['app2/users.create'] },
    { ...scopeMachine, scopes: { 'app2/users.create': true } },
    { ...scopeMachine, scopes: true },
    { ...scopeMachine, sub: '' },
    { kind: 'principal', principal: 'provisioner', sub: 'sub-1' },
    { ...machine, groups: null },
    { ...machine, groups: ['api-client', 'service-user'] },
    { ...machine, groups: { 'api-client': true } },
    { ...machine, groups: true },
    { Sub: 'sub-1', Client: 'machine', Groups: 'api-client' },
  ])('%j', async (authorizer, context) => {
    expect(await attackEach(functions, eventWith(authorizer), context)).toEqual(unauthorized)
  })

  it('by the prototype', async (context) => {
    expect(
      await attackEach(
        functions,
        eventWith(
          JSON.parse('{"__proto__":{"sub":"a","client":"machine","token":"user","groups":"api-client","scopes":""}}'),
        ),
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
    { ...machine, groups: 'app2/users.create' },
    { ...scopeMachine, scopes: '' },
    { ...scopeMachine, scopes: 'api-client service-user' },
    { ...scopeMachine, scopes: 'app2/sample.call' },
    { ...scopeMachine, scopes: 'app2/users.create,app2/sample.call' },
    { ...scopeMachine, scopes: 'app2/users.create\tapp2/sample.call' },
    { ...scopeMachine, scopes: 'app2/users.createapp2/sample.call' },
    { ...scopeMachine, scopes: 'APP2/USERS.CREATE' },
    { ...scopeMachine, scopes: 'app2/* app2/users.* *' },
    { ...scopeMachine, client: 'service' },
  ])('%j', async (authorizer, context) => {
    expect(await attackEach(functions, eventWith(authorizer), context)).toEqual(forbidden)
  })

  it.for([
    ['the service user’s, in both groups', 'create-user', { ...service, groups: 'service-user api-client' }],
    ['the machine user’s, in both groups', 'sample', { ...machine, groups: 'service-user api-client' }],
    [
      'the machine’s own, with both scopes',
      'sample',
      { ...scopeMachine, scopes: 'app2/users.create app2/sample.call' },
    ],
    [
      'a service’s own, with both scopes',
      'create-user',
      { ...scopeMachine, client: 'service', scopes: 'app2/users.create app2/sample.call' },
    ],
  ] as const)('%s, on %s', async ([, name, authorizer], { task }) => {
    const answer = await invoke(functions[name], eventWith(authorizer)(ownPath[name]))

    countAttack(task, [answer.status < 401])
    expect(answer).toEqual({ status: 403, code: 'forbidden' })
  })
})
