import {
  CognitoIdentityProviderClient,
  GetProvisionedLimitCommand,
  TooManyRequestsException,
} from '@aws-sdk/client-cognito-identity-provider'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it } from 'vitest'
import { readAccountLimit } from '#services/app1-provisioner/job-worker/account-limit.ts'
import { createAdmission, rateOf } from '#services/app1-provisioner/job-worker/admission.ts'
import { postponement, waitBefore } from '#services/app1-provisioner/job-worker/decide-row.ts'
import { rememberJobs } from '#services/app1-provisioner/job-store/remember-jobs.ts'
import { ServiceError } from '#shared/errors.ts'
import { createDeadline } from '#shared/time/deadline.ts'
import { manualClock } from '#test/support/clock.ts'
import { farDeadline } from '#test/support/deadlines.ts'
import { jobId, keptJob } from '#test/support/jobs.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { mockClient } from '#test/support/mock-client.ts'

const cognito = mockClient(CognitoIdentityProviderClient)

beforeEach(() => {
  cognito.reset()
})

describe('the rate of one instance', () => {
  it.each([
    [undefined, 7.5],
    [40, 7.5],
    [10, 3.75],
  ])('with an account’s limit of %s is %d a second', (limit, rate) => {
    expect(rateOf({ bulkShare: 0.75, creationsPerSecond: 20, workers: 2 }, limit)).toBe(rate)
  })

  function admitting(rate: number) {
    const clock = manualClock()
    const asked: number[] = []
    const { admit, duringBatch } = createAdmission({
      perSecond: () => Promise.resolve(asked.push(rate)).then(() => rate),
      now: clock.now,
      sleep: (ms) => {
        clock.advance(ms)
        return Promise.resolve()
      },
    })
    const admitOne = (budgetMs = 30_000) => admit(createDeadline({ now: clock.now, budgetMs }))
    /** How many milliseconds it takes until that many rows are let in. */
    const batch = (rows: number, slowestMs = 0) =>
      duringBatch(async () => {
        const startedAt = clock.now()
        for (let row = 0; row < rows; row += 1) expect(await admitOne()).toBe(true)
        const took = clock.now() - startedAt
        clock.advance(slowestMs)
        return took
      })
    return { admitOne, asked, batch, clock }
  }

  it('lets rows in as it says, and those that come together one behind the other', async () => {
    const { asked, batch } = admitting(2)

    // A burst of one second’s worth, and then two a second.
    expect(await batch(10)).toBe(4_000)
    expect(await batch(10)).toBe(5_000)
    expect(asked).toEqual([2])
  })

  it('lets the rows behind a slow one catch up, a batch at most', async () => {
    const { batch } = admitting(2)
    await batch(10, 3_000)

    // Six turns were saved.
    expect(await batch(10, 60_000)).toBe(2_000)
    expect(await batch(10)).toBe(0)
    expect(await batch(10)).toBe(5_000)
  })

  it('has saved nothing but a second’s worth after a pause', async () => {
    const { batch, clock } = admitting(2)
    await batch(10, 60_000)
    clock.advance(1_000)

    expect(await batch(10)).toBe(4_000)
  })

  it('lets a row in at once where a second’s worth is none', async () => {
    expect(await admitting(0.25).batch(2)).toBe(4_000)
  })

  it('lets no row in that would have to wait for longer than there is time', async () => {
    const { admitOne, clock } = admitting(1)
    await admitOne()
    const before = clock.now()

    expect(await admitOne(1_000)).toBe(false)
    expect(clock.now()).toBe(before)
  })
})

describe('the account’s limit', () => {
  const read = (logger = recordingLogger()) =>
    readAccountLimit({ cognito: new CognitoIdentityProviderClient({ region: 'eu-west-1' }), logger })
  const Limit = { LimitDefinition: undefined, FreeLimitValue: 25 }

  it('is what Cognito enforces for the group', async () => {
    cognito.on(GetProvisionedLimitCommand).resolves({ Limit: { ...Limit, ProvisionedLimitValue: 25 } })

    expect(await read()).toBe(25)
    expect(cognito).toHaveReceivedCommandWith(GetProvisionedLimitCommand, {
      LimitDefinition: { LimitClass: 'API_CATEGORY', Attributes: { Category: 'UserUpdate' } },
    })
  })

  it('is not known where Cognito does not tell, and a worker does without', async () => {
    const logger = recordingLogger()
    cognito
      .on(GetProvisionedLimitCommand)
      .resolvesOnce({})
      .resolvesOnce({ Limit: { ...Limit, ProvisionedLimitValue: 0 } })
      .rejects(new TooManyRequestsException({ message: 'canary', $metadata: {} }))

    expect([await read(logger), await read(logger), await read(logger)]).toEqual([undefined, undefined, undefined])
    expect(logger.lines).toEqual([expect.objectContaining({ reason: 'TooManyRequestsException' })])
  })
})

describe('waiting', () => {
  it.each([
    [1, 0, 500],
    [1, 0.999, 1_000],
    [2, 0, 1_000],
    [9, 0, 4_000],
  ])('before the repeat of attempt %i, with luck of %d, takes about %i ms', (attempt, luck, ms) => {
    expect(Math.round(waitBefore(attempt, new ServiceError('upstream_error'), () => luck) / 100) * 100).toBe(ms)
  })

  it('is never shorter than Retry-After', () => {
    expect(waitBefore(1, new ServiceError('throttled', { retryAfterSeconds: 30 }), () => 0)).toBe(30_000)
  })

  it.each([
    [0, undefined, 5],
    [2, undefined, 5],
    [4, undefined, 16],
    [50, undefined, 60],
    [1, 12.5, 13],
    [1, 600, 60],
  ])('for a message after %i attempts, told to wait %s s, takes %i s', (attempts, retryAfterSeconds, seconds) => {
    const told = retryAfterSeconds === undefined ? undefined : new ServiceError('throttled', { retryAfterSeconds })

    expect(postponement(attempts, told)).toBe(seconds)
  })
})

describe('a remembered job', () => {
  it('is a second old at most, and a failure is none', async () => {
    const clock = manualClock()
    let calls = 0
    const find = rememberJobs(
      {
        find: () => {
          calls += 1
          return calls === 1 ? Promise.reject(new ServiceError('throttled')) : Promise.resolve(keptJob())
        },
      },
      clock.now,
    )

    await expect(find(jobId, farDeadline())).rejects.toThrow()
    await Promise.all([find(jobId, farDeadline()), find(jobId, farDeadline())])
    clock.advance(999)
    await find(jobId, farDeadline())
    expect(calls).toBe(2)
    clock.advance(1)
    await find(jobId, farDeadline())
    expect(calls).toBe(3)
  })

  it('is one of the last hundred', async () => {
    const clock = manualClock()
    const calls: string[] = []
    const find = rememberJobs(
      {
        find: (id) => {
          calls.push(id)
          return Promise.resolve(undefined)
        },
      },
      clock.now,
    )

    for (let index = 0; index <= 100; index += 1) await find(String(index), farDeadline())
    await find('100', farDeadline())
    await find('0', farDeadline())

    expect(calls.slice(-2)).toEqual(['100', '0'])
  })
})
