import { describe, expect, it } from 'vitest'
import { AwsCallError, RotationError } from '#services/credential-rotation/rotation-error.ts'
import { testPendingClient } from '#services/credential-rotation/steps/test-secret.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { stepContext, storeWith } from './rotation-bench.ts'

const credentials = { clientId: 'id', clientSecret: new SecretValue('secret'), clientSecretId: 'id--1' }
const failed = (name: string, call = 'TokenEndpoint'): AwsCallError =>
  new AwsCallError(call, Object.assign(new Error(), { name }))

type Answer = 'issued' | 'rejected' | AwsCallError

/** Offers the secret to a Cognito that gives these answers, the last one for ever, with a minute left. */
async function offer(answers: readonly Answer[], listings: readonly boolean[] = [true]) {
  const counts = { offers: 0, pausedMs: 0, withdrawals: 0 }
  const ids = ['id--0', 'id--1'].map((id, createdAt) => ({ id, createdAt }))
  let looks = 0
  const answered = testPendingClient(
    credentials,
    {
      clientId: 'id',
      requestToken: () => {
        const answer = answers[Math.min(counts.offers++, answers.length - 1)] ?? 'issued'
        return answer instanceof AwsCallError ? Promise.reject(answer) : Promise.resolve(answer)
      },
      secrets: {
        list: () => Promise.resolve(listings[Math.min(looks++, listings.length - 1)] === true ? ids : []),
        add: () => Promise.reject(new Error()),
        remove: () => Promise.reject(new Error()),
      },
    },
    {
      store: storeWith({ withdraw: () => Promise.resolve(void (counts.withdrawals += 1)) }),
      sleep: (ms) => Promise.resolve((counts.pausedMs += ms)),
      logger: recordingLogger(),
    },
    { ...stepContext('next'), remainingMs: () => 59_500 - counts.pausedMs },
  )
  const outcome = await answered.then(
    () => 'taken',
    (error: unknown) => (error instanceof RotationError ? error.reason : String(error)),
  )
  return { outcome, ...counts }
}

const many = <T>(answer: T): T[] => Array.from({ length: 20 }, () => answer)

describe('a new client secret', () => {
  it.each<[string, Answer[], boolean[], object]>([
    [
      'that Cognito lists and does not know yet is offered again within the function’s time',
      [...many('rejected' as const), 'issued'],
      [true],
      { outcome: 'taken', offers: 21, withdrawals: 0 },
    ],
    [
      'that Cognito does not list is offered once, and the version withdrawn',
      ['rejected'],
      [false],
      { outcome: 'client_secret_rejected', offers: 1, withdrawals: 1 },
    ],
    [
      'that Cognito lists late is not taken for one that is gone',
      ['rejected', 'issued'],
      [false, false, false, true],
      { outcome: 'taken', offers: 2 },
    ],
  ])('%s', async (_, answers, listings, expected) => {
    expect(await offer(answers, listings)).toMatchObject(expected)
  })

  it.each([
    ['that Cognito does not know', 'rejected', 'client_secret_not_known_yet'],
    ['whose token endpoint is not served', failed('ENOTFOUND'), 'AwsCallError: TokenEndpoint failed: ENOTFOUND'],
  ] as const)('%s when the time is over is left to the next repeat, and not withdrawn', async (_, answer, reason) => {
    const { outcome, pausedMs, withdrawals } = await offer([answer])

    expect([outcome, withdrawals]).toEqual([reason, 0])
    expect(pausedMs).toBeGreaterThan(55_000)
    expect(pausedMs).toBeLessThan(58_500)
  })
})

describe('a token endpoint that is not served yet', () => {
  it.each(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'Http404', 'Http500', 'Http503'])(
    'is asked again after %s, within the function’s time',
    async (name) => {
      expect(await offer([...many(failed(name)), 'issued'])).toMatchObject({ outcome: 'taken', offers: 21 })
    },
  )

  it.each([
    ['invalid_scope', 'TokenEndpoint'],
    ['Http400', 'TokenEndpoint'],
    ['Http429', 'TokenEndpoint'],
    ['ECONNRESET', 'TokenEndpoint'],
    ['TimeoutError', 'TokenEndpoint'],
    ['ENOTFOUND', 'GetClientToken'],
  ])('is not what %s of %s means: the secret is not offered again', async (name, call) => {
    const outcome = `AwsCallError: ${call} failed: ${name}`

    expect(await offer([failed(name, call)])).toMatchObject({ outcome, offers: 1 })
  })
})
