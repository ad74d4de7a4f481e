// A good token in a header that is not exactly `Authorization: Bearer <token>`, and in every other place it could be put.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { poolKey } from '../support/pool-keys.ts'
import { refusedHeaders } from '../support/refused-tokens.ts'
import { serviceUserClaims } from '../support/tokens.ts'
import { countAttack, present, unauthorized } from './support/repel.ts'
import { bodies, openStage, stageArn, type Stage } from './support/stage.ts'

const now = manualClock().now()
const token = poolKey.accessToken({ now, claims: serviceUserClaims })
const machineToken = poolKey.accessToken({ now })
const methodArn = `${stageArn}/POST/sample`

const fill = (template: string): string =>
  template.replaceAll('{token}', token).replaceAll('{machineToken}', machineToken)

let stage: Stage

beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

describe('the header of a good token', () => {
  it('is taken as it should be written, and its name in any case', async () => {
    expect(await stage.ask({ authorizationToken: `Bearer ${token}`, methodArn })).toEqual({ outcome: 'allowed' })
    for (const name of ['Authorization', 'authorization', 'AUTHORIZATION']) {
      const answer = await stage.send({
        target: '/sample',
        headers: [`${name}: Bearer ${token}`],
        body: bodies['/sample'],
      })

      expect(answer).toEqual({ status: 200, reached: 'sample' })
    }
  })
})

describe.each(Object.entries(refusedHeaders))('a header that is %s', (reason, headers) => {
  it.for<string>(headers)('%s', async (authorization, context) => {
    expect(await present(stage, authorization, context)).toEqual(unauthorized(reason))
  })
})

describe('more than one header', () => {
  it.for([
    ['the same one twice', [`Authorization: Bearer ${token}`, `Authorization: Bearer ${token}`]],
    ['in two cases of the name', [`Authorization: Bearer ${token}`, `authorization: Bearer ${token}`]],
    ['a good one behind a bad one', ['Authorization: Bearer a.b.c', `Authorization: Bearer ${token}`]],
    ['a bad one behind a good one', [`Authorization: Bearer ${token}`, 'Authorization: Bearer a.b.c']],
    ['an empty one in front', ['Authorization:', `Authorization: Bearer ${token}`]],
    ['the service’s and the machine’s', [`Authorization: Bearer ${token}`, `Authorization: Bearer ${machineToken}`]],
  ] as const)('%s', async ([, headers], { task }) => {
    const answers = [
      await stage.send({ target: '/sample', headers, body: bodies['/sample'] }),
      await stage.send({ target: '/admin/create-user', headers, body: '{}' }),
    ]

    countAttack(
      task,
      answers.map(({ reached }) => reached !== undefined),
    )
    expect(answers).toEqual(answers.map(() => ({ status: 401, code: 'unauthorized' })))
  })
})

describe('no header, or what is no text', () => {
  it.for<unknown>([
    undefined,
    null,
    '',
    ' ',
    0,
    true,
    {},
    [],
    ['Bearer {token}'],
    { authorization: 'Bearer head.claims.signature' },
    { toString: () => `Bearer ${token}` },
    { 0: 'B', length: 1 },
  ])('%j reaches the authorizer', async (value, { task }) => {
    const authorizationToken: unknown = Array.isArray(value) ? value.map((text) => fill(String(text))) : value

    const answer = await stage.ask({ authorizationToken, methodArn })

    countAttack(task, [answer.outcome === 'allowed'])
    expect(answer).toEqual({ outcome: 'unauthorized', reason: 'no_bearer_token' })
  })

  it.for([' Bearer {token}', 'Bearer {token} ', 'Bearer {token}\n'])(
    'space around it, which HTTP takes off and no gateway gives: %j',
    async (template, { task }) => {
      const authorizationToken = fill(template)

      const answer = await stage.ask({ authorizationToken, methodArn })

      countAttack(task, [answer.outcome === 'allowed'])
      expect(answer).toMatchObject({ outcome: 'unauthorized' })
    },
  )

  it.for([
    ['nothing', { headers: [] }],
    ['an empty header', { headers: ['Authorization:'] }],
    ['a cookie', { headers: [`Cookie: access_token=${token}; Authorization=Bearer ${token}`] }],
    ['the query', { headers: [], query: `?access_token=${token}&authorization=Bearer%20${token}` }],
    ['another header', { headers: [`X-Authorization: Bearer ${token}`, `X-Access-Token: ${token}`] }],
    ['the proxy’s header', { headers: [`Proxy-Authorization: Bearer ${token}`] }],
    ['AWS’s header', { headers: [`X-Amz-Security-Token: ${token}`, `X-Amzn-Remapped-Authorization: Bearer ${token}`] }],
    ['a name with an underscore', { headers: [`HTTP_AUTHORIZATION: Bearer ${token}`] }],
    ['a name that begins as it does', { headers: [`Authorization-: Bearer ${token}`] }],
    ['a websocket’s protocol', { headers: [`Sec-WebSocket-Protocol: Bearer, ${token}`] }],
  ] as const)('%s instead of a header', async ([, { headers, ...rest }], { task }) => {
    const target = `/sample${'query' in rest ? rest.query : ''}`

    const answer = await stage.send({ target, headers, body: bodies['/sample'] })

    countAttack(task, [answer.reached !== undefined])
    expect(answer).toEqual({ status: 401, code: 'unauthorized' })
  })

  it('a header that is named in Connection, which a proxy would take off, is still read', async () => {
    const headers = ['Connection: Authorization', `Authorization: Bearer ${token}`]

    expect(await stage.send({ target: '/sample', headers, body: bodies['/sample'] })).toEqual({
      status: 200,
      reached: 'sample',
    })
  })
})
