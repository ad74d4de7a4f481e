// Attacks on what is remembered of the pool's keys: when they are out of reach, retired, or made up by the thousand.
import { afterEach, describe, expect, it } from 'vitest'
import { forgedKey, poolKey } from '../support/pool-keys.ts'
import { createSigner, jwksOf } from '../support/tokens.ts'
import { attack, call, forgeUnsigned, refused, served, serviceToken } from './support/calls.ts'
import { countAttack, type Answers } from './support/repel.ts'
import { bodies, openStage, stageArn, type Stage } from './support/stage.ts'

const nextKey = createSigner('pool-key-2')
const minutes = 60_000

const opened: Stage[] = []

afterEach(() => Promise.all(opened.splice(0).map((stage) => stage.close())))

/** API Gateway's own cache is off unless a test is about it: its policies may outlive a key by their own time. */
async function open(ttlSeconds = 0): Promise<Stage> {
  const stage = await openStage({ ttlSeconds })
  opened.push(stage)
  return stage
}

const trouble: Answers = {
  handler: { outcome: 'error', reason: 'jwks_unreachable' },
  gateway: { status: 500, code: 'internal_error' },
}

describe('keys out of reach', () => {
  it('at the first request and back at the second: the error was kept by nobody', async (context) => {
    const stage = await open(300)
    const token = serviceToken()
    stage.publish(undefined)

    expect(await attack(stage, '/sample', token, context)).toEqual(trouble)
    stage.publish(jwksOf(poolKey))

    expect(await call(stage, '/sample', token)).toEqual(served)
  })

  it('at the first request: not even then is a forged token let in', async (context) => {
    const stage = await open()
    stage.publish(undefined)

    expect(await attack(stage, '/admin/create-user', forgedKey.accessToken(), context)).toEqual(trouble)
    expect(await attack(stage, '/admin/create-user', 'a.b.c', context)).toEqual(refused('malformed'))
  })

  it('a known token does not hide that the keys are too old to serve', async (context) => {
    const stage = await open()
    const token = serviceToken()
    expect(await call(stage, '/sample', token)).toEqual(served)
    stage.publish(undefined)

    stage.clock.advance(6 * 60 * minutes)
    expect(await call(stage, '/sample', token)).toEqual(served)
    stage.clock.advance(1)

    expect(await attack(stage, '/sample', token, context)).toEqual(trouble)
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
