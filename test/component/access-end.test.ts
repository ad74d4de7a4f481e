import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { askApp1, askSample } from '../gate/faults/answer.ts'
import { createOperator, type Operator } from '../gate/faults/operator.ts'
import { requestOf, type Route } from '../gate/faults/scenario.ts'
import { startInProcessPair, type InProcessPair } from '../support/in-process-pair.ts'
import { goodPassword, provisioningId } from '../support/requests.ts'

// One clock for all in this process, AWS and the gateways included: it stands still until a test moves it, and never goes back.
let startsAt = Date.UTC(2026, 0, 31, 12)
const tokenMs = 15 * 60_000
const memoryMs = 60_000

const newPassword = 'Correct-Horse-8-Battery'
let user = { username: '', password: goodPassword, humanUserId: 'alice', idempotencyKey: 'key' }

const endings: readonly [name: string, route: Route][] = [
  ['a disabling', 'POST /service-users/{username}/disable'],
  ['a deletion', 'DELETE /service-users/{username}?force=true'],
  ['another password', 'POST /service-users/{username}/reset-password'],
  ['a removal from the group', 'DELETE /service-users/{username}/groups/{group}'],
]

let running: InProcessPair
let operator: Operator

beforeAll(async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: startsAt })
  running = await startInProcessPair()
  const { clients, provisioned } = running.pair
  operator = await createOperator(clients.cognito, provisioned)
})

beforeEach(async () => {
  startsAt += 60 * 60_000
  vi.setSystemTime(startsAt)
  user = { ...user, username: `worker-${startsAt}` }
  await operator.make({ ...user, provisioningId, group: 'service-user' })
})

afterAll(async () => {
  await running.close()
  vi.useRealTimers()
})

const served = async (accessToken: string): Promise<boolean> =>
  (await askSample(running.pair.app2Url, accessToken)) !== undefined

async function signIn(password = goodPassword): Promise<string> {
  const attempt = await operator.signIn(user.username, password)
  if (attempt.kind !== 'tokens') throw new Error(attempt.kind)
  return attempt.accessToken
}

/** The instant that App1 prints, in epoch milliseconds. */
async function end(route: Route): Promise<number> {
  const { status, body } = await askApp1(running.pair.app1Url, requestOf(route, { ...user, password: newPassword }))
  expect(status).toBe(200)
  return Date.parse((body as { access_ends_at: string }).access_ends_at)
}

describe.each(endings)('the access that %s ends', (_, route) => {
  it.each([
    ['begun in the same millisecond, goes on to the printed instant and not a millisecond longer', 0],
    ['begun a moment before, has ended at the printed instant, which is two seconds late at most', 1_001],
  ])('%s', async (_, beforeMs) => {
    const token = await signIn()
    vi.setSystemTime(startsAt + beforeMs)
    const endsAt = await end(route)

    // The last look at the token, which the gateway remembers.
    vi.setSystemTime(startsAt + tokenMs - 1)
    expect(await served(token)).toBe(true)
    const lastServedAt = startsAt + tokenMs - 1 + memoryMs - 1
    vi.setSystemTime(lastServedAt)
    expect(await served(token)).toBe(true)
    expect(endsAt - lastServedAt).toBeGreaterThan(0)
    expect(endsAt - lastServedAt).toBeLessThanOrEqual(2 + Math.ceil(beforeMs / 1000) * 1000)
    vi.setSystemTime(endsAt)
    expect(await served(token)).toBe(false)
  })

  it('is had by no sign-in and no refresh from then on', async () => {
    await operator.openSession(user.username, goodPassword)
    const refreshed = await operator.refresh(user.username)
    expect(await served(refreshed ?? '')).toBe(true)

    await end(route)

    const tokens = [await operator.refresh(user.username), await signIn().catch(() => undefined)]
    for (const token of tokens) if (token !== undefined) expect(await served(token)).toBe(false)
    const goesOn = route.includes('/groups/')
    expect(tokens.map((token) => token !== undefined)).toEqual([goesOn, goesOn])
    if (route.endsWith('/reset-password')) expect(await served(await signIn(newPassword))).toBe(true)
  })
})
