import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { machineUserPrefix } from '#shared/contract.ts'
import { askApp1, problemOf, type Answer } from '../gate/faults/answer.ts'
import type { App2Kind } from '../gate/faults/fault.ts'
import { startFaultEnvironment, type FaultEnvironment } from '../gate/faults/fault-environment.ts'
import { recordingLogger } from '../support/logger.ts'
import { serviceUserRequest } from '../support/requests.ts'

const minute = 60_000
/** App1 looks at the secret again after five. */
const secretIsStale = 5 * minute + 1_000
/** Of a token's quarter of an hour: past three quarters it is renewed. */
const tokenIsDue = 12 * minute
const tokenIsOver = 4 * minute

let faultEnvironment: FaultEnvironment
let logger: ReturnType<typeof recordingLogger>
/** What App1's sign-ins came to, in order. */
let signIns: string[]
/** What App1's next requests to App2 meet. */
let app2Faults: App2Kind[]

beforeEach(async () => {
  faultEnvironment = await startFaultEnvironment()
  logger = recordingLogger()
  signIns = []
  app2Faults = []
  faultEnvironment.install({ logger, timeoutMs: () => 20_000 })
  const nothing = (): Promise<void> => Promise.resolve()
  const secrets = new Set<string>()
  faultEnvironment.awsProxy.serve({
    plan: () => undefined,
    onCall: nothing,
    crash: () => undefined,
    remove: nothing,
    sendConcurrentRetry: nothing,
    secrets,
    temporaryPasswords: secrets,
    onAnswer: (operation, errorName) => {
      if (operation === 'InitiateAuth') signIns.push(errorName ?? 'signed in')
    },
  })
  faultEnvironment.app2Proxy.serve({
    plan: () => {
      const kind = app2Faults.shift()
      return kind && { operation: 'App2', kind, strikes: 'once' }
    },
    onCall: nothing,
    crashApp1: () => undefined,
    answers: [],
    secrets,
  })
})

afterEach(async () => {
  await faultEnvironment.close()
})

let asked = 0
const create = (): Promise<Answer> =>
  askApp1(faultEnvironment.app1Url, {
    method: 'POST',
    path: '/create-service-user',
    body: serviceUserRequest({ username: `worker-${++asked}` }),
    headers: { 'idempotency-key': `key-${asked}` },
  })

/** As anybody can who knows its name: 9 failures lock a user out for 16 s. */
async function lockMachineUsersOut(): Promise<void> {
  const users = (await faultEnvironment.operator.list()).filter(({ username }) =>
    username.startsWith(machineUserPrefix),
  )
  for (let failures = 1; failures <= 9; failures += 1) {
    for (const { username } of users) await faultEnvironment.operator.signIn(username, 'Wrong-Password-123')
    if (failures >= 5 && failures < 9) faultEnvironment.advance(2 ** (failures - 5) * 1_000)
  }
}

describe('a rotation of the machine user', () => {
  it('that has changed the password of the secret in hand is noticed, and that password is offered once', async () => {
    await create()
    // Two users alternate: the second rotation comes round to the first one again.
    await faultEnvironment.rotateMachineUser()
    await faultEnvironment.rotateMachineUser()
    await faultEnvironment.rotateMachineUser()
    app2Faults = ['answers-401']

    const answers = [await create(), await create()]

    expect(answers.map(({ status }) => status)).toEqual([201, 201])
    expect(signIns.filter((result) => result === 'NotAuthorizedException').length).toBeLessThanOrEqual(1)
    expect(signIns).toEqual(['signed in', 'NotAuthorizedException', 'signed in'])
  })

  it('heals a machine user that was locked out; until then the token that lives goes on serving', async () => {
    await create()
    faultEnvironment.advance(tokenIsDue)
    await lockMachineUsersOut()

    const whileTokenLives = [await create(), await create()]
    faultEnvironment.advance(tokenIsOver)
    const withoutToken = await create()
    await faultEnvironment.rotateMachineUser()
    faultEnvironment.advance(secretIsStale)
    const afterRotation = await create()

    expect(whileTokenLives.map(({ status }) => status)).toEqual([201, 201])
    expect(withoutToken.status).toBe(503)
    expect(problemOf(withoutToken)).toMatchObject({ code: 'sign_in_unavailable', outcome: 'none' })
    expect(afterRotation.status).toBe(201)
    expect(signIns).toEqual(['signed in', 'NotAuthorizedException', 'signed in'])
    expect(logger.lines.filter(({ message }) => message.startsWith('machine sign-in stopped'))).toHaveLength(1)
  })
})
