import {
  AdminEnableUserCommand,
  AdminGetUserCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startLocalAws, type LocalAws } from '../../../infra/emulators/aws/server.ts'
import { quotaCategories } from '../../../infra/emulators/aws/quotas.ts'
import { inWorker } from '../../../infra/emulators/gateway/lambda-function.ts'
import { region, startPair, type Pair } from '#infra/local/pair.ts'
import { errorName } from '#shared/aws/aws-errors.ts'
import { goodPassword } from '../../support/requests.ts'
import { askApp1, problemOf, type Answer } from '../faults/answer.ts'
import { requestOf, type Route } from '../faults/scenario.ts'

// One instance of each function, on Cognito's real quotas.
const deployedByDefault = { CREATIONS_PER_SECOND: '20', CHANGES_PER_SECOND: '4' }

const creators = 24
const enders = 6
const forMs = 4_000
/** Callers who come back at once, and not after Retry-After: the pair itself has to hold. */
const impatienceMs = 200

let aws: LocalAws
let pair: Pair

beforeEach(async () => {
  aws = await startLocalAws()
  pair = await startPair({
    awsEndpoint: aws.url,
    startFunction: (definition) =>
      inWorker({ ...definition, environment: { ...definition.environment, ...deployedByDefault } }),
  })
  // The first requests bring up what later ones use.
  await ask('first')
  aws.setQuotaScale(1)
})

afterEach(async () => {
  await pair.close()
  await aws.close()
})

const ask = (username: string, route?: Route): Promise<Answer> =>
  askApp1(
    pair.app1Url,
    requestOf(route, { username, password: goodPassword, humanUserId: 'alice', idempotencyKey: username }),
  )

/** What a user goes through, and whether there is one, and an enabled one, after each. */
const life: readonly [route: Route | undefined, status: number, enabled: boolean | undefined][] = [
  [undefined, 201, true],
  ['POST /service-users/{username}/disable', 200, false],
  ['POST /service-users/{username}/enable', 200, true],
  ['DELETE /service-users/{username}?force=true', 200, undefined],
]

type Played = { readonly refused: Answer[]; readonly failed: Answer[]; readonly untrue: string[]; done: number }

/** User after user, each through `steps`, until the time is over. What is said of each is compared with the pool. */
async function play(caller: string, steps: typeof life, until: number, played: Played): Promise<void> {
  const isOver = (): boolean => Date.now() >= until
  for (let index = 0; !isOver(); index += 1) {
    const username = `${caller}-${index}`
    let before: boolean | undefined
    for (const [route, success, after] of steps) {
      while (!isOver()) {
        const answer = await ask(username, route)
        const now = await isEnabled(username)
        // An earlier attempt has deleted it.
        const isDone = answer.status === success || (answer.status === 404 && after === undefined)
        const expected = isDone ? after : problemOf(answer)?.outcome === 'none' ? before : now
        if (now !== expected) played.untrue.push(`${username}: ${answer.text}`)
        before = now
        if (isDone) break
        if (answer.status === 429) played.refused.push(answer)
        else played.failed.push(answer)
        await sleep(impatienceMs)
      }
      if (isOver()) return
      played.done += 1
    }
  }
}

/** Undefined for a user that is not there. */
async function isEnabled(username: string): Promise<boolean | undefined> {
  const command = new AdminGetUserCommand({ UserPoolId: pair.provisioned.userPoolId, Username: username })
  try {
    return (await pair.clients.cognito.send(command)).Enabled
  } catch (error) {
    if (errorName(error) === 'UserNotFoundException') return undefined
    if (errorName(error) === 'TooManyRequestsException') return isEnabled(username)
    throw error
  }
}

/** How many calls there were of the one category that creations and changes share, and to how many Cognito itself said no. */
function countUpdates(): { readonly all: number; readonly throttled: number } {
  const updates = aws.calls.filter(({ operation }) => quotaCategories[operation] === 'UserUpdate')
  return { all: updates.length, throttled: updates.filter(({ error }) => error === 'TooManyRequestsException').length }
}

async function playAll(): Promise<Played> {
  const played: Played = { refused: [], failed: [], untrue: [], done: 0 }
  const until = Date.now() + forMs
  await Promise.all([
    ...Array.from({ length: creators }, (_, caller) => play(`creator-${caller}`, life.slice(0, 1), until, played)),
    ...Array.from({ length: enders }, (_, caller) => play(`ender-${caller}`, life, until, played)),
  ])
  return played
}

/** Each says when to come back, and what became of it. */
function expectTold({ refused, failed, untrue, done }: Played): void {
  expect(failed.map(({ status, text }) => `${status} ${text}`)).toEqual([])
  expect(untrue).toEqual([])
  expect(done).toBeGreaterThan(20)
  expect(refused.length).toBeGreaterThan(20)
  for (const answer of refused) {
    expect(Number(answer.retryAfter)).toBeGreaterThanOrEqual(1)
    expect(problemOf(answer)).toMatchObject({ code: 'throttled' })
    expect(['none', 'unknown', 'partial']).toContain(problemOf(answer)?.outcome)
  }
}

describe('creations and endings at once', () => {
  it('keep to Cognito’s one quota by themselves: what is over it is refused before it begins', async () => {
    const played = await playAll()

    expectTold(played)
    const { all, throttled } = countUpdates()
    // None but where this machine stood still, so that calls of several moments came in one.
    expect(throttled / all).toBeLessThan(0.05)
    const begun = played.refused.filter((answer) => problemOf(answer)?.outcome !== 'none')
    expect(begun.length / played.refused.length).toBeLessThan(0.05)
  })

  it('end in 429 or are repeated to success where somebody else uses the quota up, and never in a 5xx', async () => {
    const { userPoolId: UserPoolId } = pair.provisioned
    const others = new CognitoIdentityProviderClient({
      region,
      endpoint: aws.url,
      credentials: pair.clients.cognito.config.credentials,
      maxAttempts: 1,
    })
    const over = new AbortController()
    const useUp = async (): Promise<void> => {
      while (!over.signal.aborted) {
        await others.send(new AdminEnableUserCommand({ UserPoolId, Username: 'first' })).catch(() => undefined)
        await sleep(20)
      }
    }
    const using = useUp()

    const played = await playAll()
    over.abort()
    await using
    others.destroy()

    expectTold(played)
    expect(countUpdates().throttled).toBeGreaterThan(20)
  })
})
