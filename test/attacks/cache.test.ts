// Attacks on what is remembered: API Gateway's policies, the authorizer's decisions, and the pool's keys.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it, type TestContext } from 'vitest'
import { createSigner, jwksOf, serviceUserClaims } from '../support/tokens.ts'
import { countAttack, type Answers } from './support/repel.ts'
import { bodies, forgedKey, openStage, poolKey, stageArn, type GatedPath, type Stage } from './support/stage.ts'

const nextKey = createSigner('pool-key-2')
const admin = '/admin/create-user'
const minutes = 60_000

/** Longer than any time that passes below, so that no expiry does another check's work. */
const longLived = { exp: 4_000_000_000 }

const opened: Stage[] = []

afterEach(() => Promise.all(opened.splice(0).map((stage) => stage.close())))

/** API Gateway's own cache is off unless a test is about it: it is allowed to outlive what it was told. */
async function open(ttlSeconds = 0): Promise<Stage> {
  const stage = await openStage({ ttlSeconds })
  opened.push(stage)
  return stage
}

async function call(stage: Stage, path: GatedPath, token: string): Promise<Answers> {
  const authorization = `Bearer ${token}`
  const handler = await stage.ask({ authorizationToken: authorization, methodArn: `${stageArn}/POST${path}` })
  const headers = [`Authorization: ${authorization}`]
  return { handler, gateway: await stage.send({ target: path, headers, body: bodies[path] }) }
}

/** As `call`, and counts it as an attempt. */
async function attack(stage: Stage, path: GatedPath, token: string, { task }: TestContext): Promise<Answers> {
  const answers = await call(stage, path, token)
  countAttack(task, [answers.handler.outcome === 'allowed', answers.gateway.reached !== undefined])
  return answers
}

const served: Answers = { handler: { outcome: 'allowed' }, gateway: { status: 200, reached: 'sample' } }
const wrongRoute: Answers = {
  handler: { outcome: 'implicitly_denied' },
  gateway: { status: 403, code: 'forbidden' },
}
const deniedAll: Answers = { handler: { outcome: 'explicitly_denied' }, gateway: { status: 403, code: 'forbidden' } }
const refused = (reason: string): Answers => ({
  handler: { outcome: 'unauthorized', reason },
  gateway: { status: 401, code: 'unauthorized' },
})
const trouble = (reason: string): Answers => ({
  handler: { outcome: 'error', reason },
  gateway: { status: 500, code: 'internal_error' },
})

const serviceToken = (claims: object = {}, key = poolKey): string =>
  key.accessToken({ now: Date.UTC(2026, 0, 1), claims: { ...serviceUserClaims, ...longLived, ...claims } })

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
    const arns = ['/dev', '/prod', '/dev', '/dev2'].map((name) => `${stageArn.replace('/dev', name)}/POST/sample`)

    for (const methodArn of [...arns, stageArn.replace('abcdef1234', 'zzzzzz1234') + '/POST/sample']) {
      const { policyDocument } = await stage.policyFor({ authorizationToken, methodArn })
      const { Resource } = policyDocument.Statement[0]

      countAttack(task, [Resource.join() !== methodArn])
      expect(Resource).toEqual([methodArn])
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

describe('rights that changed meanwhile', () => {
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

describe('keys out of reach', () => {
  it('at the first request and back at the second: the error was kept by nobody', async (context) => {
    const stage = await open(300)
    const token = serviceToken()
    stage.publish(undefined)

    expect(await attack(stage, '/sample', token, context)).toEqual(trouble('jwks_unreachable'))
    stage.publish(jwksOf(poolKey))

    expect(await call(stage, '/sample', token)).toEqual(served)
  })

  it('at the first request: not even then is a forged token let in', async (context) => {
    const stage = await open()
    stage.publish(undefined)

    expect(await attack(stage, admin, forgedKey.accessToken(), context)).toEqual(trouble('jwks_unreachable'))
    expect(await attack(stage, admin, 'a.b.c', context)).toEqual(refused('malformed'))
  })

  it('a known token does not hide that the keys are too old to serve', async (context) => {
    const stage = await open()
    const token = serviceToken()
    expect(await call(stage, '/sample', token)).toEqual(served)
    stage.publish(undefined)

    stage.clock.advance(6 * 60 * minutes)
    expect(await call(stage, '/sample', token)).toEqual(served)
    stage.clock.advance(1)

    expect(await attack(stage, '/sample', token, context)).toEqual(trouble('jwks_unreachable'))
  })
})

describe('retired keys', () => {
  it('a known token is refused once the keys are over 15 minutes old, whoever remembered it', async (context) => {
    const stage = await open()
    const token = serviceToken()
    expect(await call(stage, '/sample', token)).toEqual(served)
    stage.publish(jwksOf(nextKey))

    stage.clock.advance(15 * minutes)
    expect(await call(stage, '/sample', token)).toEqual(served)
    stage.clock.advance(1)

    expect(await attack(stage, '/sample', token, context)).toEqual(refused('unknown_key'))
  })

  it('a token that is asked for all the time does not keep the keys from being fetched', async (context) => {
    const stage = await open()
    const token = serviceToken()
    await call(stage, '/sample', token)
    stage.publish(jwksOf(nextKey))

    for (let minute = 1; minute <= 15; minute += 1) {
      stage.clock.advance(minutes)
      expect(await call(stage, '/sample', token)).toEqual(served)
    }
    stage.clock.advance(1)

    expect(await attack(stage, '/sample', token, context)).toEqual(refused('unknown_key'))
    expect(stage.fetches()).toEqual([2, 2])
  })

  it('a known token is refused as soon as another’s new key had the set fetched', async (context) => {
    const stage = await open()
    const token = serviceToken()
    await call(stage, '/sample', token)
    stage.publish(jwksOf(nextKey))
    stage.clock.advance(10_000)
    expect(await call(stage, '/sample', serviceToken({}, nextKey))).toEqual(served)

    expect(await attack(stage, '/sample', token, context)).toEqual(refused('unknown_key'))
  })

  it('a key id given to another key: what the first one signed is refused', async (context) => {
    const stage = await open()
    const token = serviceToken()
    await call(stage, '/sample', token)
    stage.publish(jwksOf(forgedKey))
    stage.clock.advance(15 * minutes + 1)

    expect(await attack(stage, '/sample', token, context)).toEqual(refused('bad_signature'))
  })
})

describe('made-up keys', () => {
  it('two thousand of them: good tokens go on being served, and the keys are fetched once more', async ({ task }) => {
    const stage = await open()
    const good = serviceToken()
    await call(stage, '/sample', good)
    stage.clock.advance(10_000)

    for (let n = 0; n < 2_000; n += 1) {
      const token = forgeUnsigned({ kid: `made-up-${n}` })
      const answer = await stage.ask({ authorizationToken: `Bearer ${token}`, methodArn: `${stageArn}/POST/sample` })
      countAttack(task, [answer.outcome === 'allowed'])
      expect(answer).toEqual({ outcome: 'unauthorized', reason: 'unknown_key' })
      if (n % 500 === 0) expect(await call(stage, '/sample', good)).toEqual(served)
    }

    expect(await call(stage, '/sample', good)).toEqual(served)
    expect(stage.fetches()).toEqual([2, 1])
  })

  it('two hundred at the gateway: a new key of the pool is found all the same', async ({ task }) => {
    const stage = await open()
    await call(stage, '/sample', serviceToken())
    stage.publish(jwksOf(poolKey, nextKey))

    for (let n = 0; n < 200; n += 1) {
      stage.clock.advance(100)
      const headers = [`Authorization: Bearer ${forgeUnsigned({ kid: `made-up-${n}` })}`]
      const answer = await stage.send({ target: '/sample', headers, body: bodies['/sample'] })
      countAttack(task, [answer.reached !== undefined])
      expect(answer).toEqual({ status: 401, code: 'unauthorized' })
    }

    expect((await call(stage, '/sample', serviceToken({}, nextKey))).gateway).toEqual(served.gateway)
    expect(stage.fetches()[1]).toBe(3)
  })
})

describe('memory', () => {
  const collectGarbage = (): void => {
    setFlagsFromString('--expose-gc')
    ;(runInNewContext('gc') as () => void)()
  }

  const heapAfter = async (ask: (n: number) => Promise<unknown>, count: number): Promise<number> => {
    for (let n = 0; n < 200; n += 1) await ask(-n)
    collectGarbage()
    const before = process.memoryUsage().heapUsed
    for (let n = 0; n < count; n += 1) await ask(n)
    collectGarbage()
    return process.memoryUsage().heapUsed - before
  }

  const filler = 'x'.repeat(3_500)

  it.for([
    [
      'issuers, for each of which aws-jwt-verify would keep a key',
      'wrong_issuer',
      (n: number) => forgeUnsigned({}, { iss: `https://made-up.example/${n}/${filler}` }),
    ],
    ['key ids', 'unknown_key', (n: number) => forgeUnsigned({ kid: `made-up-${n}-${filler}` })],
    ['claims', 'bad_signature', (n: number) => forgeUnsigned({}, { jti: `made-up-${n}-${filler}` })],
  ] as const)('three thousand tokens of 5 kB with made-up %s leave nothing behind', async (attempt, { task }) => {
    const [, reason, forge] = attempt
    const stage = await open()
    const methodArn = `${stageArn}/POST/sample`
    await call(stage, '/sample', serviceToken())

    const grownBy = await heapAfter(async (n) => {
      const answer = await stage.ask({ authorizationToken: `Bearer ${forge(n)}`, methodArn })
      countAttack(task, [answer.outcome === 'allowed'])
      expect(answer).toEqual({ outcome: 'unauthorized', reason })
    }, 3_000)

    // Kept, they would be 15 MB. What the test itself keeps, the log's lines, is a tenth of that.
    expect(grownBy).toBeLessThan(5_000_000)
  })
})

/** A token with the pool's issuer and key id, unless told otherwise, and no signature worth the name. */
function forgeUnsigned(header: object, claims: object = {}): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const payload = {
    ...serviceUserClaims,
    ...longLived,
    iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_TestPool1',
  }
  return `${encode({ alg: 'RS256', kid: poolKey.kid, ...header })}.${encode({ ...payload, ...claims })}.AAAA`
}
