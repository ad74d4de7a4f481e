// App2's functions behind API Gateway's own authorizer, or behind IAM, called without either: each believes one source.
import { describe, expect, it } from 'vitest'
import type { LambdaEvent } from 'hono/aws-lambda'
import type { ClientKind } from '#shared/access-rules.ts'
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import { manualClock } from '../support/clock.ts'
import { restEvent } from '../support/events.ts'
import { testPool } from '../support/tokens.ts'
import { createApp2Functions } from './support/app2-functions.ts'
import { attackEach, forbidden, invoke, unauthorized } from './support/invoke.ts'
import { countAttack } from './support/repel.ts'
import { bodies, type GatedPath } from './support/stage.ts'

const clock = manualClock()
const nowSeconds = clock.now() / 1_000
const { issuer, machineClientId, serviceClientId, machineScopeClientId, serviceScopeClientId } = testPool
const bothScopes = 'app2/users.create app2/sample.call'

/** What an attacker would have: every source's idea of a caller who may call every route. */
const byAuthorizer = { sub: 'a', client: 'machine', token: 'user', groups: 'api-client service-user', scopes: '' }
const claims = {
  sub: machineScopeClientId,
  token_use: 'access',
  scope: 'app2/users.create',
  iss: issuer,
  client_id: machineScopeClientId,
  exp: String(nowSeconds + 60),
  iat: String(nowSeconds),
}
const roleArn = 'arn:aws:iam::123456789012:role/app1'
const userArn = 'arn:aws:sts::123456789012:assumed-role/app1/session'

const eventWith =
  (context: object) =>
  (path: GatedPath): LambdaEvent => {
    const event = restEvent({ resource: path, body: bodies[path] })
    return Object.assign(event, { requestContext: { ...event.requestContext, ...context } })
  }

const open = { status: 400, code: 'invalid_request' }

describe('behind API Gateway’s own authorizer', () => {
  const clients = new Map<string, ClientKind>([
    [machineScopeClientId, 'machine'],
    [serviceScopeClientId, 'service'],
  ])
  const functions = createApp2Functions(clock, { from: 'claims', issuer, clients })
  const withClaims = (changes: object): ((path: GatedPath) => LambdaEvent) =>
    eventWith({ authorizer: { claims: { ...claims, ...changes } } })

  it('a machine with the scope is served, so that a refusal below means something', async () => {
    const service = { client_id: serviceScopeClientId, scope: 'app2/sample.call' }

    expect(await invoke(functions['create-user'], withClaims({})('/admin/create-user'))).toEqual(open)
    expect(await invoke(functions.sample, withClaims(service)('/sample'))).toEqual({ status: 200 })
  })

  it.for<[string, object]>([
    ['nobody', {}],
    ['our authorizer', { authorizer: byAuthorizer }],
    ['our authorizer, in the name of the other', { authorizer: { claims: byAuthorizer } }],
    ['IAM', { identity: { userArn } }],
    ['an HTTP API’s authorizer', { authorizer: { jwt: { claims, scopes: [bothScopes] } } }],
    ['claims as a text', { authorizer: { claims: JSON.stringify(claims) } }],
    ['claims in the authorizer’s own place', { authorizer: claims }],
    ['claims beside it', { claims }],
  ])('a word of %s is nobody’s', async ([, context], test) => {
    expect(await attackEach(functions, eventWith(context), test)).toEqual(unauthorized)
  })

  it.for<object>([
    { token_use: 'id' },
    { token_use: 'Access' },
    { iss: issuer.replace('TestPool1', 'OtherPool') },
    { iss: `${issuer}/` },
    { client_id: machineClientId },
    { client_id: serviceClientId },
    { client_id: machineScopeClientId.toUpperCase() },
    { client_id: `${machineScopeClientId} ` },
    { client_id: undefined, aud: machineScopeClientId },
    { client_id: '__proto__' },
    { exp: String(nowSeconds) },
    { exp: String(nowSeconds - 1) },
    { exp: undefined },
    { exp: '' },
    { exp: 'Infinity' },
    { exp: 'Sat Jan 01 00:00:00 UTC 2000' },
    { username: 'orders-worker' },
    { username: '' },
    { 'cognito:groups': 'api-client' },
    { 'cognito:groups': '' },
    { 'cognito:groups': '[api-client service-user]' },
    { scope: undefined },
    { scope: '' },
    { scope: 'app2/users.create  app2/sample.call' },
    { scope: 'app2/users.create\tapp2/sample.call' },
    { scope: ['app2/users.create', 'app2/sample.call'] },
    { sub: '' },
  ])('claims with %j are nobody’s', async (changes, test) => {
    expect(await attackEach(functions, withClaims({ scope: bothScopes, ...changes }), test)).toEqual(unauthorized)
  })

  it.for([
    ...['openid', 'aws.cognito.signin.user.admin', 'app2/users', 'app2/users.create.all app2/sample.call.all'],
    ...['app2/users.create,app2/sample.call', 'APP2/USERS.CREATE APP2/SAMPLE.CALL'],
    ...['app3/users.create app3/sample.call', 'app2/* *', 'api-client service-user'],
  ])('the scope %j opens nothing', async (scope, test) => {
    expect(await attackEach(functions, withClaims({ scope }), test)).toEqual(forbidden)
    expect(await attackEach(functions, withClaims({ scope, client_id: serviceScopeClientId }), test)).toEqual(forbidden)
  })

  it.for([
    ['the machine', machineScopeClientId, 'sample', '/sample'],
    ['a service', serviceScopeClientId, 'create-user', '/admin/create-user'],
  ] as const)('%s with both scopes does not open the other’s route', async ([, client, name, path], { task }) => {
    const event = withClaims({ client_id: client, scope: bothScopes })(path)

    const answer = await invoke(functions[name], event)

    countAttack(task, [answer.status < 401])
    expect(answer).toEqual({ status: 403, code: 'forbidden' })
  })
})

describe('behind IAM', () => {
  const provisioner = parseRoleArn(roleArn) ?? expect.fail()
  const functions = createApp2Functions(clock, { from: 'iam', provisioners: [provisioner] })
  const withPrincipal = (arn: unknown): ((path: GatedPath) => LambdaEvent) => eventWith({ identity: { userArn: arn } })

  it('App1 is served, and opens no route but its own', async ({ task }) => {
    const sample = await invoke(functions.sample, withPrincipal(userArn)('/sample'))

    countAttack(task, [sample.status < 401])
    expect(await invoke(functions['create-user'], withPrincipal(userArn)('/admin/create-user'))).toEqual(open)
    expect(sample).toEqual({ status: 403, code: 'forbidden' })
  })

  it.for<[string, object]>([
    ['nobody', {}],
    ['our authorizer', { authorizer: byAuthorizer }],
    ['API Gateway’s own authorizer', { authorizer: { claims: { ...claims, scope: bothScopes } } }],
    ['an HTTP API', { authorizer: { iam: { userArn } } }],
    ['our authorizer, in the name of IAM', { authorizer: { identity: { userArn }, userArn } }],
    ['another member of the identity', { identity: { caller: userArn, user: userArn, arn: userArn, userArn: null } }],
    ['a member beside the identity', { userArn, identity: {} }],
  ])('a word of %s is nobody’s', async ([, context], test) => {
    expect(await attackEach(functions, eventWith(context), test)).toEqual(unauthorized)
  })

  it.for<unknown>([
    roleArn,
    'arn:aws:sts::123456789013:assumed-role/app1/session',
    'arn:aws-cn:sts::123456789012:assumed-role/app1/session',
    'arn:aws:sts::123456789012:assumed-role/App1/session',
    'arn:aws:sts::123456789012:assumed-role/app1-other/session',
    'arn:aws:sts::123456789012:assumed-role/other/app1',
    'arn:aws:sts::123456789012:assumed-role/other/../app1/session',
    'arn:aws:sts::123456789012:assumed-role/app1/session/app1/session',
    'arn:aws:sts::123456789012:assumed-role/app1',
    'arn:aws:sts::123456789012:assumed-role/*/session',
    'arn:aws:sts::123456789012:federated-user/app1',
    'arn:aws:iam::123456789012:user/app1',
    'arn:aws:iam::123456789012:root',
    `${userArn}\n`,
    ` ${userArn}`,
    `${userArn},arn:aws:iam::123456789012:root`,
    '*',
    '',
    null,
    true,
    [userArn],
    { userArn },
  ])('the principal %j is nobody', async (arn, test) => {
    expect(await attackEach(functions, withPrincipal(arn), test)).toEqual(unauthorized)
  })

  it.for(['User-Arn', 'X-Amz-Security-Token', 'X-Amzn-Iam-Identity', 'Authorization'])(
    'the header %s says nothing',
    async (name, test) => {
      const headers = { 'Content-Type': 'application/json', [name]: userArn }
      const eventFor = (path: GatedPath): LambdaEvent => restEvent({ resource: path, body: bodies[path], headers })

      expect(await attackEach(functions, eventFor, test)).toEqual(unauthorized)
    },
  )
})

describe('behind our authorizer', () => {
  const functions = createApp2Functions(clock)

  it.for<[string, object]>([
    ['IAM', { identity: { userArn } }],
    ['API Gateway’s own authorizer', { authorizer: { claims: { ...claims, scope: bothScopes } } }],
    ['both', { identity: { userArn }, authorizer: { claims, principalId: 'a' } }],
  ])('a word of %s is nobody’s', async ([, context], test) => {
    expect(await attackEach(functions, eventWith(context), test)).toEqual(unauthorized)
  })
})
