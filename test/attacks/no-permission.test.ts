// Good tokens whose groups or scopes open nothing, or not this route.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { poolKey } from '../support/pool-keys.ts'
import {
  accessTokenClaims,
  machineScopeClaims,
  serviceScopeClaims,
  serviceUserClaims,
  testPool,
  type Changes,
} from '../support/tokens.ts'
import { attack, call } from './support/calls.ts'
import { denied, present, unauthorized, type Answers } from './support/repel.ts'
import { bodies, openStage, stageArn, type Stage } from './support/stage.ts'

const now = manualClock().now()
const { machineClientId, serviceClientId } = testPool
const create = 'app2/users.create'
const sample = 'app2/sample.call'
const both = `${create} ${sample}`
const bothGroups = ['api-client', 'service-user']

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

const tokenOf = (claims: Changes): string => poolKey.accessToken({ now, claims })

describe('the stage', () => {
  it('serves machines by their scopes, so that a refusal below means something', async () => {
    const machine = `Bearer ${tokenOf(machineScopeClaims)}`
    const service = `Bearer ${tokenOf(serviceScopeClaims)}`

    expect(await stage.ask({ authorizationToken: machine, methodArn: `${stageArn}/POST/admin/create-user` })).toEqual({
      outcome: 'allowed',
    })
    expect(
      await stage.send({ target: '/admin/create-user', headers: [`Authorization: ${machine}`], body: '{}' }),
    ).toEqual({ status: 400, code: 'invalid_request', reached: 'create-user' })
    expect(
      await stage.send({ target: '/sample', headers: [`Authorization: ${service}`], body: bodies['/sample'] }),
    ).toEqual({ status: 200, reached: 'sample' })
  })

  it('finds the scope among several', async () => {
    const authorizationToken = `Bearer ${tokenOf({ ...machineScopeClaims, scope: `x/y ${both} openid` })}`

    expect(await stage.ask({ authorizationToken, methodArn: `${stageArn}/POST/admin/create-user` })).toEqual({
      outcome: 'allowed',
    })
  })
})

describe('groups that open nothing', () => {
  const groups: readonly (readonly [string, Changes])[] = [
    ...[
      [],
      ['API-CLIENT', 'SERVICE-USER'],
      ['Api-Client'],
      [' api-client', 'api-client ', 'service-user\t', '\nservice-user'],
      ['api-client\u0000'],
      ['api-client,service-user'],
      ['api-client service-user'],
      ['api-client\u200b', 'service-user\ufeff'],
      ['аpi-client', 'serviсe-user'],
      ['api‐client', 'service−user', 'api\u00adclient'],
      ['ａpi-client'],
      ['ap\u0131-cl\u0131ent'],
      ['api_client', 'apiclient', 'api-clients', 'pi-client'],
      ['*', '**', 'api-*', '.*', ''],
      ['admin', 'root', 'constructor', '__proto__', 'includes', '0'],
      Array.from({ length: 300 }, (_, n) => `group-${n}`),
    ].map((names): readonly [string, Changes] => [JSON.stringify(names).slice(0, 60), { 'cognito:groups': names }]),
    ['absent', { 'cognito:groups': undefined }],
    ['in cognito:roles', { 'cognito:groups': undefined, 'cognito:roles': ['api-client', 'service-user'] }],
    ['in groups', { 'cognito:groups': undefined, groups: ['api-client', 'service-user'] }],
    ['in custom:groups', { 'cognito:groups': undefined, 'custom:groups': '["api-client"]' }],
    ['in another case of the claim', { 'cognito:groups': undefined, 'Cognito:Groups': ['api-client'] }],
    ['in scope', { 'cognito:groups': undefined, scope: 'api-client service-user' }],
    ['of the scopes’ names', { 'cognito:groups': ['app2/users.create', 'app2/sample.call'] }],
    ['in the preferred role', { 'cognito:groups': [], 'cognito:preferred_role': 'api-client' }],
  ]

  it.for(groups)('%s', async ([, claims], context) => {
    for (const client_id of [machineClientId, serviceClientId]) {
      expect(await present(stage, `Bearer ${tokenOf({ ...claims, client_id })}`, context)).toEqual(denied)
    }
  })
})

describe('groups by a trick of JSON', () => {
  const head = JSON.stringify({ kid: poolKey.kid, alg: 'RS256' })
  const body = JSON.stringify({ ...accessTokenClaims(now), 'cognito:groups': undefined }).slice(0, -1)

  it.for([
    ['twice, the last time empty', `${body},"cognito:groups":["api-client"],"cognito:groups":[]}`],
    ['by the prototype', `${body},"__proto__":{"cognito:groups":["api-client"]}}`],
  ] as const)('%s', async ([, text], context) => {
    expect(await present(stage, `Bearer ${poolKey.signText(head, text)}`, context)).toEqual(denied)
  })
})

describe('the other client’s groups', () => {
  it.for([
    ['the service client’s token of a user in api-client', { ...serviceUserClaims, 'cognito:groups': ['api-client'] }],
    ['the machine client’s token of a user in service-user', { 'cognito:groups': ['service-user'] }],
  ] as const)('%s opens nothing', async ([, claims], context) => {
    expect(await present(stage, `Bearer ${tokenOf(claims)}`, context)).toEqual(denied)
  })
})

describe('scopes that open nothing', () => {
  const scopes = [
    undefined,
    'app2',
    'app2/',
    'app2/users',
    'app2/users.creat',
    'app2/sample.cal',
    '/users.create',
    'users.create sample.call',
    `${create}.all ${sample}.all`,
    `${create}s`,
    `x${create} x${sample}`,
    `app2/${create}`,
    `${create}/ ${sample}/`,
    `${create}${sample}`,
    `${create},${sample}`,
    `${create};${sample}`,
    `${create}+${sample}`,
    `${create}%20${sample}`,
    `${create}|${sample}`,
    `'${create}' [${sample}]`,
    create.toUpperCase(),
    sample.toUpperCase(),
    'App2/users.create app2/Sample.call',
    'app1/users.create app3/sample.call',
    'app2-dev/users.create',
    'https://app2/users.create',
    'app2:users.create app2:sample.call',
    'app2/users/create app2/sample/call',
    'app2/users-create app2/sample_call',
    'app2.users.create app2.sample.call',
    'app2/*',
    'app2/users.* *',
    '.* ** ?',
    '-app2/users.create !app2/sample.call',
    'aws.cognito.signin.user.admin',
    'openid email phone profile aws.cognito.signin.user.admin',
    'api-client service-user',
    'constructor __proto__ includes 0 length',
    Array.from({ length: 300 }, (_, n) => `app2/scope-${n}`).join(' '),
  ]

  it.for(scopes)('%j', async (scope, context) => {
    for (const claims of [machineScopeClaims, serviceScopeClaims]) {
      expect(await present(stage, `Bearer ${tokenOf({ ...claims, scope })}`, context)).toEqual(denied)
    }
  })

  it.for([
    ['in scp', { scope: undefined, scp: [create, sample] }],
    ['in scopes', { scope: undefined, scopes: both }],
    ['in another case of the claim', { scope: undefined, Scope: both }],
    ['in permissions', { scope: undefined, permissions: [create, sample] }],
    ['in the audience', { scope: undefined, aud: create }],
  ] as const)('%s', async ([, claims], context) => {
    for (const kind of [machineScopeClaims, serviceScopeClaims]) {
      expect(await present(stage, `Bearer ${tokenOf({ ...kind, ...claims })}`, context)).toEqual(denied)
    }
  })
})

describe('the other route', () => {
  const wrongRoute: Answers = { handler: { outcome: 'implicitly_denied' }, gateway: { status: 403, code: 'forbidden' } }
  const deniedAll: Answers = { handler: { outcome: 'explicitly_denied' }, gateway: { status: 403, code: 'forbidden' } }

  it.for([
    [
      'a service user’s token in both groups',
      '/admin/create-user',
      { ...serviceUserClaims, 'cognito:groups': bothGroups },
    ],
    ['the machine user’s token in both groups', '/sample', { 'cognito:groups': bothGroups }],
    ['a service’s own token with both scopes', '/admin/create-user', { ...serviceScopeClaims, scope: both }],
    ['a service’s own token', '/admin/create-user', serviceScopeClaims],
    ['the machine’s own token with both scopes', '/sample', { ...machineScopeClaims, scope: both }],
    ['the machine’s own token', '/sample', machineScopeClaims],
  ] as const)('%s does not open %s', async ([, path, claims], context) => {
    expect(await attack(stage, path, tokenOf(claims), context)).toEqual(wrongRoute)
  })

  it.for([
    ['a service’s own token with the machine’s scope alone', '/admin/create-user', serviceScopeClaims, create],
    ['the machine’s own token with the service’s scope alone', '/sample', machineScopeClaims, sample],
  ] as const)('%s does not open %s', async ([, path, claims, scope], context) => {
    expect(await attack(stage, path, tokenOf({ ...claims, scope }), context)).toEqual(deniedAll)
  })
})

describe('a scope that was written in later', () => {
  const rewrite = (token: string, changes: Changes): string => {
    const [header = '', payload = '', signature = ''] = token.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
    return `${header}.${Buffer.from(JSON.stringify({ ...claims, ...changes })).toString('base64url')}.${signature}`
  }

  it.for([
    ['into a token without one', { ...machineScopeClaims, scope: 'x/y' }, { scope: create }],
    ['into a service’s token', serviceScopeClaims, { scope: both, client_id: machineScopeClaims.client_id }],
    ['after a good one', machineScopeClaims, { scope: both }],
  ] as const)('%s: the signature does not hold', async ([, claims, changes], context) => {
    const good = tokenOf(claims)
    await call(stage, '/sample', good)

    expect(await present(stage, `Bearer ${rewrite(good, changes)}`, context)).toEqual(unauthorized('bad_signature'))
  })
})
