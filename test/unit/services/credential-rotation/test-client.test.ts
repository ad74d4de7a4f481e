import { describe, expect, it } from 'vitest'
import { AwsCallError, RotationError } from '#services/credential-rotation/rotation-error.ts'
import { testPendingClient } from '#services/credential-rotation/test-client.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { stepContext } from './rotation-bench.ts'

const credentials = { clientId: 'id', clientSecret: new SecretValue('secret'), clientSecretId: 'id--1' }
const failed = (name: string, call = 'TokenEndpoint'): AwsCallError =>
  new AwsCallError(call, Object.assign(new Error(), { name }))

type Answer = 'issued' | 'rejected' | AwsCallError

/** Offers the secret to a Cognito that gives these answers, the last one for ever, with a minute left. */
async function offer(answers: readonly Answer[], listings: readonly boolean[] = [true]) {
  const counts = { offers: 0, pausedMs: 0, withdrawals: 0 }
  let looks = 0
  const remainingMs = (): number => 59_500 - counts.pausedMs
  const answered = testPendingClient(
    credentials,
    {
      clientId: 'id',
      requestToken: () => {
        const answer = answers[Math.min(counts.offers++, answers.length - 1)] ?? 'issued'
        return answer instanceof AwsCallError ? Promise.reject(answer) : Promise.resolve(answer)
      },
      secrets: {
        list: () => {
          const isListed = listings[Math.min(looks++, listings.length - 1)] === true
          return Promise.resolve(
            isListed
              ? [
                  { id: 'id--0', createdAt: 0 },
                  { id: 'id--1', createdAt: 1 },
                ]
              : [],
          )
        },
        add: () => Promise.reject(new Error()),
        remove: () => Promise.reject(new Error()),
      },
    },
    {
      store: {
        describe: () => Promise.reject(new Error()),
        read: () => Promise.reject(new Error()),
        putPending: () => Promise.reject(new Error()),
        makeCurrent: () => Promise.reject(new Error()),
        withdraw: () => Promise.resolve(void (counts.withdrawals += 1)),
      },
      sleep: (ms) => Promise.resolve((counts.pausedMs += ms)),
      logger: recordingLogger(),
    },
    { ...stepContext('next'), remainingMs },
  )
  const outcome = await answered.then(
    () => 'taken',
    (error: unknown) => (error instanceof RotationError ? error.reason : String(error)),
  )
  return { outcome, ...counts }
}

describe('a new client secret', () => {
  it('that Cognito lists and does not know yet is offered again within the function’s time', async () => {
    const refusals = Array.from({ length: 20 }, () => 'rejected' as const)

    expect(await offer([...refusals, 'issued'])).toMatchObject({ outcome: 'taken', offers: 21, withdrawals: 0 })
  })

  it('that Cognito does not know when the time is over is left to the next repeat, and not withdrawn', async () => {
    const { outcome, pausedMs, withdrawals } = await offer(['rejected'])

    expect([outcome, withdrawals]).toEqual(['client_secret_not_known_yet', 0])
    expect(pausedMs).toBeGreaterThan(55_000)
    expect(pausedMs).toBeLessThan(58_500)
  })

  it('that Cognito does not list is offered once, and the version withdrawn', async () => {
    const { outcome, offers, withdrawals } = await offer(['rejected'], [false])

    expect([outcome, offers, withdrawals]).toEqual(['client_secret_rejected', 1, 1])
  })

  it('that Cognito lists late is not taken for one that is gone', async () => {
    expect(await offer(['rejected', 'issued'], [false, false, false, true])).toMatchObject({
      outcome: 'taken',
      offers: 2,
    })
  })
})

describe('a token endpoint that is not served yet', () => {
  it.each(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'Http404', 'Http500', 'Http503'])(
    'is asked again after %s, within the function’s time',
    async (name) => {
      const failures = Array.from({ length: 20 }, () => failed(name))

      expect(await offer([...failures, 'issued'])).toMatchObject({ outcome: 'taken', offers: 21 })
    },
  )

  it('for all of that time is what the step fails with', async () => {
    const { outcome, pausedMs, withdrawals } = await offer([failed('ENOTFOUND')])

    expect([outcome, withdrawals]).toEqual(['AwsCallError: TokenEndpoint failed: ENOTFOUND', 0])
    expect(pausedMs).toBeGreaterThan(55_000)
    expect(pausedMs).toBeLessThan(58_500)
  })

  it.each(['invalid_scope', 'Http400', 'Http429', 'ECONNRESET', 'TimeoutError'])(
    'is not what %s means: the secret may have been judged, and is not offered again',
    async (name) => {
      expect(await offer([failed(name)])).toMatchObject({
        outcome: `AwsCallError: TokenEndpoint failed: ${name}`,
        offers: 1,
      })
    },
  )

  it('is not what a failure of Cognito’s own API means', async () => {
    expect(await offer([failed('ENOTFOUND', 'GetClientToken')])).toMatchObject({ offers: 1 })
  })
})
