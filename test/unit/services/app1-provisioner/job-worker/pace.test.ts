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
import { createTokenBucket } from '#shared/time/token-bucket.ts'
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

  it('lets rows in as it says, and those that come together one behind the other', async () => {
    const clock = manualClock()
    const bucket = createTokenBucket({ perSecond: 2, now: clock.now })
    const sleep = (ms: number) => {
      clock.advance(ms)
      return Promise.resolve()
    }
    const admit = createAdmission({ bucket: () => Promise.resolve(bucket), sleep })
    const startedAt = clock.now()

    for (let row = 0; row < 10; row += 1)
      expect(await admit(createDeadline({ now: clock.now, budgetMs: 9_000 }))).toBe(true)

    // A burst of one second’s worth, and then two a second.
    expect(clock.now() - startedAt).toBe(4_000)
  })

  it('lets no row in that would have to wait for longer than there is time', async () => {
    const clock = manualClock()
    const bucket = createTokenBucket({ perSecond: 1, now: clock.now })
    const admit = createAdmission({ bucket: () => Promise.resolve(bucket), sleep: () => expect.fail('waited') })
    bucket.take()

    expect(await admit(createDeadline({ now: clock.now, budgetMs: 1_000 }))).toBe(false)
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
