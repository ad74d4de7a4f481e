// Machines' own tokens, signed by the pool, whose scopes open nothing, or not this route, or are no scopes at all.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { poolKey } from '../support/pool-keys.ts'
import { machineScopeClaims, serviceScopeClaims, type Changes } from '../support/tokens.ts'
import { attack, call } from './support/calls.ts'
import { denied, present, unauthorized, type Answers } from './support/repel.ts'
import { bodies, openStage, stageArn, type Stage } from './support/stage.ts'

const now = manualClock().now()
const create = 'app2/users.create'
const sample = 'app2/sample.call'
const both = `${create} ${sample}`

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

describe('scopes that are no text of scopes', () => {
  it.for([
    '',
    ' ',
    ` ${create}`,
    `${create} `,
    `${create}  ${sample}`,
    `x  ${create}`,
    `${create}\t${sample}`,
    `${create}\n${sample}`,
    `${create}\r\n`,
    `${create}\u00a0${sample}`,
    `${create}\u3000`,
    `${create}\u200b`,
    `${create}\u0000`,
    `\ufeff${create}`,
    `"${create}"`,
    `["${create}"]`,
    `${create}\\`,
    'аpp2/users.create',
    'app2／users.create',
    'app2/users．create',
  ])('%j', async (scope, context) => {
    for (const claims of [machineScopeClaims, serviceScopeClaims]) {
      expect(await present(stage, `Bearer ${tokenOf({ ...claims, scope })}`, context)).toEqual(
        unauthorized('malformed_scope'),
      )
    }
  })

  it.for([[create], [create, sample], [[create]], { [create]: true }, { 0: create, length: 1 }, null, true, 1])(
    '%j',
    async (scope, context) => {
      for (const claims of [machineScopeClaims, serviceScopeClaims]) {
        expect(await present(stage, `Bearer ${tokenOf({ ...claims, scope })}`, context)).toEqual(
          unauthorized('malformed'),
        )
      }
    },
  )
})

describe('the other route', () => {
  const wrongRoute: Answers = {
    handler: { outcome: 'implicitly_denied' },
    gateway: { status: 403, code: 'forbidden' },
  }
  const deniedAll: Answers = { handler: { outcome: 'explicitly_denied' }, gateway: { status: 403, code: 'forbidden' } }

  it.for([
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
