// Tokens that no route is open to: not the pool's, in another form, or the pool's for somebody or something else.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { forgedKey, poolKey } from '../support/pool-keys.ts'
import { refusedTokens, unsendableTokens, type RefusedToken } from '../support/refused-tokens.ts'
import { serviceUserClaims } from '../support/tokens.ts'
import { call, served, serviceToken } from './support/calls.ts'
import { countAttack, present, unauthorized } from './support/repel.ts'
import { bodies, openStage, stageArn, type Stage } from './support/stage.ts'

const now = manualClock().now()
const methodArn = `${stageArn}/POST/admin/create-user`

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

describe('the stage', () => {
  it('serves whom it should, so that a refusal below means something', async () => {
    const machine = `Bearer ${poolKey.accessToken({ now })}`
    const service = `Bearer ${poolKey.accessToken({ now, claims: serviceUserClaims })}`

    expect(await stage.ask({ authorizationToken: machine, methodArn })).toEqual({ outcome: 'allowed' })
    expect(
      await stage.send({ target: '/admin/create-user', headers: [`Authorization: ${machine}`], body: '{}' }),
    ).toEqual({ status: 400, code: 'invalid_request', reached: 'create-user' })
    expect(
      await stage.send({ target: '/sample', headers: [`Authorization: ${service}`], body: bodies['/sample'] }),
    ).toEqual({ status: 200, reached: 'sample' })
  })

  it('ignores jku, x5u, x5c, jwk and typ: a good token that has them is one, and nothing is fetched for them', async () => {
    const ignored = { jku: 'https://attacker.example', x5u: 'https://attacker.example', x5c: [], jwk: forgedKey.jwk }
    const token = poolKey.accessToken({ now, header: { ...ignored, typ: 'dpop+jwt' } })

    expect(await stage.ask({ authorizationToken: `Bearer ${token}`, methodArn })).toEqual({ outcome: 'allowed' })
    expect(
      await stage.send({ target: '/admin/create-user', headers: [`Authorization: Bearer ${token}`] }),
    ).toMatchObject({ reached: 'create-user' })
    expect(stage.fetches()).toEqual([1, 1])
  })
})

describe.each(Object.entries(refusedTokens))('%s', (_, tokens) => {
  it.for<RefusedToken>(tokens)('%s', async ([, token, reason], context) => {
    expect(await present(stage, `Bearer ${token()}`, context)).toEqual(unauthorized(reason))
  })
})

describe('what no header of HTTP holds, at the authorizer alone', () => {
  it.for(unsendableTokens)('%s', async ([, token, reason], { task }) => {
    const answer = await stage.ask({ authorizationToken: `Bearer ${token()}`, methodArn })

    countAttack(task, [answer.outcome === 'allowed'])
    expect(answer).toEqual({ outcome: 'unauthorized', reason })
  })
})

describe('sizes', () => {
  it('a user of 50 groups with the longest names is served, and one of more does not get through the gateway', async () => {
    const names = Array.from({ length: 53 }, (_, n) => `${n}`.padEnd(128, '-'))
    const ofGroups = (count: number): string =>
      serviceToken({ 'cognito:groups': [...names.slice(0, count - 1), 'service-user'] })

    expect(await call(stage, '/sample', ofGroups(50))).toEqual(served)
    expect(await call(stage, '/sample', ofGroups(54))).toMatchObject({ gateway: { status: 431 } })
  })
})
