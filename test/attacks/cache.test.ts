// Attacks on what is remembered of a token: API Gateway's policies and the authorizer's decisions.
import { afterEach, describe, expect, it } from 'vitest'
import { openResources } from '../support/open-resources.ts'
import { poolKey } from '../support/pool-keys.ts'
import { attack, call, refused, served, serviceToken } from './support/calls.ts'
import { countAttack, type Answers } from './support/repel.ts'
import { openStage, stageArn, type Stage } from './support/stage.ts'

const admin = '/admin/create-user'

const opened: Stage[] = []

afterEach(() => Promise.all(opened.splice(0).map((stage) => stage.close())))

/** API Gateway's own cache is off unless a test is about it: it is allowed to outlive what it was told. */
async function open(ttlSeconds = 0): Promise<Stage> {
  const stage = await openStage({ ttlSeconds })
  opened.push(stage)
  return stage
}

const wrongRoute: Answers = { handler: { outcome: 'implicitly_denied' }, gateway: { status: 403, code: 'forbidden' } }
const deniedAll: Answers = { handler: { outcome: 'explicitly_denied' }, gateway: { status: 403, code: 'forbidden' } }

describe('one token on two routes', () => {
  it.for([0, 300])('its own first, then the admin route, with policies kept for %d s', async (ttlSeconds, context) => {
    const stage = await open(ttlSeconds)
    const token = serviceToken()

    expect(await call(stage, '/sample', token)).toEqual(served)
    expect(await attack(stage, admin, token, context)).toEqual(wrongRoute)
    expect(await call(stage, '/sample', token)).toEqual(served)
  })

  it.for([0, 300])('the admin route first, then its own, with policies kept for %d s', async (ttlSeconds, context) => {
    const stage = await open(ttlSeconds)
    const token = serviceToken()

    expect(await attack(stage, admin, token, context)).toEqual(wrongRoute)
    expect(await call(stage, '/sample', token)).toEqual(served)
    expect(await attack(stage, admin, token, context)).toEqual(wrongRoute)
  })

  it('on another stage or API: the policy of the first does not answer for the second', async ({ task }) => {
    const stage = await open()
    const authorizationToken = `Bearer ${serviceToken()}`
    const stages = ['/dev', '/prod', '/dev', '/dev2'].map((name) => stageArn.replace('/dev', name))

    for (const asked of [...stages, stageArn.replace('abcdef1234', 'zzzzzz1234')]) {
      const { policyDocument } = await stage.policyFor({ authorizationToken, methodArn: `${asked}/POST/sample` })
      const { Resource } = policyDocument.Statement[0]

      countAttack(task, [Resource.some((arn) => !arn.startsWith(`${asked}/`))])
      expect(Resource).toEqual(openResources(asked, { kind: 'user', client: 'service', groups: ['service-user'] }))
    }
  })
})

describe('a token that is like a known one', () => {
  const raise = (token: string): string => {
    const [header = '', payload = '', signature = ''] = token.split('.')
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
    const raised = { ...claims, client_id: 'machineclient0000000000000', 'cognito:groups': ['api-client'] }
    return `${header}.${Buffer.from(JSON.stringify(raised)).toString('base64url')}.${signature}`
  }

  it.for([0, 300])('other claims under its signature, policies kept for %d s', async (ttlSeconds, context) => {
    const stage = await open(ttlSeconds)
    const token = serviceToken()
    await call(stage, '/sample', token)

    expect(await attack(stage, admin, raise(token), context)).toEqual(refused('bad_signature'))
    expect(await attack(stage, '/sample', raise(token), context)).toEqual(refused('bad_signature'))
    expect(await call(stage, '/sample', token)).toEqual(served)
  })

  it('another header over its claims and signature', async (context) => {
    const stage = await open()
    const token = serviceToken()
    const [, payload = '', signature = ''] = token.split('.')
    await call(stage, '/sample', token)
    const header = Buffer.from(JSON.stringify({ alg: 'none', kid: poolKey.kid })).toString('base64url')

    expect(await attack(stage, '/sample', `${header}.${payload}.${signature}`, context)).toEqual(
      refused('wrong_algorithm'),
    )
  })

  it('another spelling of it', async (context) => {
    const stage = await open()
    const token = serviceToken()
    await call(stage, '/sample', token)

    expect(await attack(stage, '/sample', `${token}==`, context)).toEqual(refused('malformed'))
  })
})

describe('permissions that changed meanwhile', () => {
  it.for([0, 300])(
    'group removed: the next token is not served by the last one’s policy, %d s',
    async (ttl, context) => {
      const stage = await open(ttl)
      expect(await call(stage, '/sample', serviceToken())).toEqual(served)

      const answers = await attack(stage, '/sample', serviceToken({ 'cognito:groups': undefined }), context)

      expect(answers).toEqual(deniedAll)
    },
  )

  it('group given: a denial of the last token does not stand for the next one', async () => {
    const stage = await open(300)
    expect(await call(stage, '/sample', serviceToken({ 'cognito:groups': undefined }))).toEqual(deniedAll)

    expect(await call(stage, '/sample', serviceToken())).toEqual(served)
  })

  it('expired: a known token is refused from its last second on', async (context) => {
    const stage = await open()
    const token = serviceToken({ exp: stage.clock.now() / 1_000 + 60 })
    stage.clock.advance(60_000 - 1)
    expect(await call(stage, '/sample', token)).toEqual(served)

    stage.clock.advance(1)

    expect(await attack(stage, '/sample', token, context)).toEqual(refused('expired'))
  })

  it('expired: API Gateway’s policy outlives the token by its own time at most', async (context) => {
    const stage = await open(60)
    const token = serviceToken({ exp: stage.clock.now() / 1_000 + 10 })
    expect(await call(stage, '/sample', token)).toEqual(served)

    stage.clock.advance(60_000)

    expect(await attack(stage, '/sample', token, context)).toEqual(refused('expired'))
  })
})
