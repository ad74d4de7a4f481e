// Contexts that an attacker brings along, and gateways that are set up wrongly: App2 trusts no gateway blindly.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gatewayResponses } from '#infra/deploy/gateway-responses.ts'
import { inProcess } from '../../infra/emulators/gateway/lambda-function.ts'
import { startRestApi, type RunningRestApi } from '../../infra/emulators/gateway/rest-api.ts'
import { manualClock } from '../support/clock.ts'
import { poolKey } from '../support/pool-keys.ts'
import { serviceUserClaims } from '../support/tokens.ts'
import { sendRaw } from '../../infra/emulators/test/gateway/raw-request.ts'
import { createApp2Functions } from './support/app2-functions.ts'
import { countAttack } from './support/repel.ts'
import { bodies, functionOf, gatedPaths, openStage, type Stage } from './support/stage.ts'

const functions = createApp2Functions(manualClock())
const machine = { sub: 'sub-2', client: 'machine', token: 'user', groups: 'api-client', scopes: '' }

describe('through the gateway, with a context of the attacker’s own', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage.close())

  it.for(gatedPaths.flatMap((path) => [[path, undefined] as const, [path, 'a.b.c'] as const]))(
    'on %s with the token %s',
    async ([path, token], { task }) => {
      const forged = [`X-Amzn-Authorizer: ${JSON.stringify(machine)}`, 'X-Latchkey-Groups: api-client service-user']
      const headers = [...forged, ...(token === undefined ? [] : [`Authorization: Bearer ${token}`])]
      const body = JSON.stringify({ requestContext: { authorizer: machine } })

      const answer = await stage.send({ target: path, headers, body })

      countAttack(task, [answer.reached !== undefined])
      expect(answer).toEqual({ status: 401, code: 'unauthorized' })
    },
  )

  it('beside a good token: the function sees what the authorizer said', async ({ task }) => {
    const headers = [
      `Authorization: Bearer ${poolKey.accessToken({ now: stage.clock.now(), claims: serviceUserClaims })}`,
      `X-Amzn-Authorizer: ${JSON.stringify(machine)}`,
    ]

    const answer = await stage.send({ target: '/admin/create-user', headers, body: JSON.stringify(machine) })

    countAttack(task, [answer.reached !== undefined])
    expect(answer).toEqual({ status: 403, code: 'forbidden' })
  })
})

describe('a gateway that is set up wrongly', () => {
  const open: RunningRestApi[] = []
  afterAll(() => Promise.all(open.map((api) => api.close())))

  async function startWrongly(options: {
    authorized: boolean
    context: Record<string, string>
  }): Promise<RunningRestApi> {
    const api = await startRestApi({
      gatewayResponses: gatewayResponses(),
      routes: gatedPaths.map((path) => {
        const name = functionOf(path)
        return {
          method: 'POST',
          path,
          function: inProcess(functions[name], { name, timeoutMs: 5_000 }),
          authorization: { kind: options.authorized ? 'token' : 'none' },
        }
      }),
      authorizer: {
        // What the authorizer must never answer: everything, to everybody.
        function: () =>
          Promise.resolve({
            principalId: 'sub-1',
            policyDocument: {
              Version: '2012-10-17',
              Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: '*' }],
            },
            context: options.context,
          }),
        identityValidationExpression: '.*',
      },
    })
    open.push(api)
    return api
  }

  it.for([
    ['without an authorizer', { authorized: false, context: {} }, 401],
    ['with an authorizer that allows everything and says nothing', { authorized: true, context: {} }, 401],
    [
      'with an authorizer of the article’s kind',
      { authorized: true, context: { username: 'a', groups: 'api-client' } },
      401,
    ],
    [
      'with an authorizer that does not say of what kind the token is',
      { authorized: true, context: { sub: 'sub-2', client: 'machine', groups: 'api-client', scopes: '' } },
      401,
    ],
    ['with one policy for all routes', { authorized: true, context: { ...machine, groups: 'service-user' } }, 403],
  ] as const)('%s', async ([, options, status], { task }) => {
    const api = await startWrongly(options)

    const answers = await Promise.all(
      gatedPaths.map((target) =>
        sendRaw(api.url, {
          method: 'POST',
          target,
          headers: ['Authorization: Bearer a.b.c', 'Content-Type: application/json'],
          body: bodies[target],
        }),
      ),
    )

    countAttack(
      task,
      answers.map((answer) => answer.status < 401),
    )
    expect(answers.map((answer) => answer.status)).toEqual(gatedPaths.map(() => status))
  })
})
