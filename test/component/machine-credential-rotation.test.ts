import { AdminDisableUserCommand } from '@aws-sdk/client-cognito-identity-provider'
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { TokenMode } from '#infra/local/machine-token.ts'
import { makeMachineCredentials } from '#infra/local/set-up/make-machine-credentials.ts'
import { machineUser, post, startInProcessPair, type Answer, type InProcessPair } from '../support/in-process-pair.ts'
import { serviceUserRequest } from '../support/requests.ts'
import { countTokenRequests, tokenModes } from '../support/token-requests.ts'

let running: InProcessPair
let mode: TokenMode
/** What App1's cache of five minutes goes by. */
let clockOffsetMs = 0

async function start(machineAuth: TokenMode): Promise<void> {
  mode = machineAuth
  clockOffsetMs = 0
  running = await startInProcessPair({ machineAuth })
}

// Whenever a handler takes its clock, at import and so at no known time, it is this one.
const realNow = Date.now
beforeAll(() => {
  Date.now = () => realNow() + clockOffsetMs
})
afterAll(() => {
  Date.now = realNow
})

let created = 0
const create = (): Promise<Answer> =>
  post(`${running.pair.app1Url}/create-service-user`, serviceUserRequest({ username: `worker-${++created}` }))

const rotate = (): Promise<void> =>
  makeMachineCredentials({ ...running.pair.clients, provisioned: running.pair.provisioned })

const signIns = (): number => countTokenRequests(running.aws.calls, mode)

/** The sign-ins that App1 needs for one creation. */
async function signInsOfCreation(): Promise<number> {
  const before = signIns()
  const answer = await create()
  // What the functions said, where it failed.
  expect(answer, running.output().slice(-4_000)).toMatchObject({ status: 201 })
  return signIns() - before
}

const minutes = (count: number): number => count * 60_000

/** What the secret holds that proves who the machine is. */
async function storedProof(): Promise<string | undefined> {
  const command = new GetSecretValueCommand({ SecretId: running.pair.provisioned.machineSecretArn })
  const { SecretString = '{}' } = await running.pair.clients.secrets.send(command)
  const secret = JSON.parse(SecretString) as Record<string, string>
  return secret[mode === 'password' ? 'password' : 'scope_client_secret']
}

describe.each(tokenModes)('App1, while its credentials rotate, with %s', (machineAuth) => {
  beforeAll(() => start(machineAuth))
  afterAll(() => running.close())

  it('serves through two rotations, and proves itself by the new ones once it sees the new version', async () => {
    const proofs = [await storedProof()]
    expect(await signInsOfCreation()).toBe(1)

    for (let rotation = 0; rotation < 2; rotation += 1) {
      const before = signIns()
      await rotate()
      const trials = signIns() - before
      proofs.push(await storedProof())
      // Rotation has tried them, and App1 has not looked yet.
      expect(trials).toBeGreaterThan(0)
      expect(await signInsOfCreation()).toBe(0)
      clockOffsetMs += minutes(5)
      expect(await signInsOfCreation()).toBe(1)
    }

    expect(proofs).not.toContain(undefined)
    expect(new Set(proofs).size).toBe(3)
  })

  it('serves requests that come in at the very moment of a rotation', async () => {
    const [answers] = await Promise.all([
      Promise.all(Array.from({ length: 8 }, () => create())),
      rotate().then(() => rotate()),
    ])

    expect(
      answers.map(({ status }) => status),
      running.output().slice(-4_000),
    ).toEqual(Array.from({ length: 8 }, () => 201))
  })
})

// The clock of a pair of its own: tokens and secret are as old as the test makes them.
describe.each(tokenModes)('App1, behind by two rotations, with %s', (machineAuth) => {
  beforeAll(() => start(machineAuth))
  afterAll(() => running.close())

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
})

describe('App1, while its machine users alternate', () => {
  beforeAll(() => start('password'))
  afterAll(() => running.close())

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
})
