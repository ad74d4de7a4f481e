import { AdminDisableUserCommand } from '@aws-sdk/client-cognito-identity-provider'
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { makeMachineUser } from '../../infra/local/set-up/make-machine-user.ts'
import { secretsFoundIn } from '../support/search-secrets.ts'
import { machineUser, post, startInProcessPair, type Answer, type InProcessPair } from '../support/in-process-pair.ts'
import { serviceUserRequest } from '../support/requests.ts'
import { recordingLogger } from '../support/logger.ts'

let running: InProcessPair
/** What App1's cache of five minutes goes by. */
let clockOffsetMs = 0

beforeEach(async () => {
  // Handlers are composed at import; each test wants an App1 that has seen nothing yet.
  vi.resetModules()
  clockOffsetMs = 0
  const realNow = Date.now
  vi.spyOn(Date, 'now').mockImplementation(() => realNow() + clockOffsetMs)
  running = await startInProcessPair()
})

afterEach(async () => {
  await running.close()
})

let created = 0
const create = (): Promise<Answer> =>
  post(`${running.pair.app1Url}/create-service-user`, serviceUserRequest({ username: `worker-${++created}` }))

const logger = recordingLogger()
const rotate = (): Promise<void> =>
  makeMachineUser({ ...running.pair.clients, provisioned: running.pair.provisioned, logger })

const signIns = (): number => running.aws.calls.filter(({ operation }) => operation === 'InitiateAuth').length

/** The sign-ins that App1 needs for one creation. */
async function signInsOfCreation(): Promise<number> {
  const before = signIns()
  expect(await create()).toMatchObject({ status: 201 })
  return signIns() - before
}

const minutes = (count: number): number => count * 60_000

describe('App1, while its machine users alternate', () => {
  it('serves through two rotations, and signs in as the new user once it sees the new version', async () => {
    const first = await machineUser(running.pair)
    expect(await signInsOfCreation()).toBe(1)

    await rotate()
    const second = await machineUser(running.pair)
    expect(await signInsOfCreation()).toBe(0)
    clockOffsetMs += minutes(5)
    expect(await signInsOfCreation()).toBe(1)

    await rotate()
    const third = await machineUser(running.pair)
    expect(await signInsOfCreation()).toBe(0)
    clockOffsetMs += minutes(5)
    expect(await signInsOfCreation()).toBe(1)

    expect(second.username).not.toBe(first.username)
    expect(third.username).toBe(first.username)
    expect(third.password).not.toBe(first.password)
  })

  it('serves requests that come in at the very moment of a rotation', async () => {
    const [answers] = await Promise.all([
      Promise.all(Array.from({ length: 8 }, () => create())),
      rotate().then(() => rotate()),
    ])

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201))
  })

  it('rotated twice while App1 holds the old version: it offers the old password once, and then the new one', async () => {
    // From here on one user is taken again and again, so that two rotations change the password of the one in use.
    await rotate()
    expect(await signInsOfCreation()).toBe(1)
    clockOffsetMs += minutes(11)
    expect(await signInsOfCreation()).toBe(0)
    await rotate()
    await rotate()

    // Three quarters of a token's quarter of an hour are over; the secret, read a minute ago, is not read again.
    clockOffsetMs += minutes(1)

    expect(await signInsOfCreation()).toBe(2)
    expect(await signInsOfCreation()).toBe(0)
  })

  it('after a compromise: rotate, disable the user that was current, rotate again, and only a new user is left', async () => {
    await create()
    const stolen = await machineUser(running.pair)
    const { clients, provisioned } = running.pair

    await rotate()
    await clients.cognito.send(
      new AdminDisableUserCommand({ UserPoolId: provisioned.userPoolId, Username: stolen.username }),
    )
    expect(await create()).toMatchObject({ status: 201 })
    await rotate()

    clockOffsetMs += minutes(5)
    expect(await create()).toMatchObject({ status: 201 })
    const names = await Promise.all(
      ['AWSCURRENT', 'AWSPREVIOUS'].map(async (VersionStage) => {
        const command = new GetSecretValueCommand({ SecretId: provisioned.machineSecretArn, VersionStage })
        const { SecretString = '{}' } = await clients.secrets.send(command)
        return (JSON.parse(SecretString) as { username: string }).username
      }),
    )
    expect(new Set([...names, stolen.username]).size).toBe(3)
  })

  it('nothing of it stands in a log', async () => {
    await create()
    await rotate()
    await rotate()

    expect(running.proxy.secrets.size).toBeGreaterThan(15)
    const given = running.output() + JSON.stringify(logger.lines)
    expect(secretsFoundIn(given, running.proxy.secrets)).toEqual([])
  })
})
