import { describe, expect, it } from 'vitest'
import { readIdempotencyKey } from '#services/app1-provisioner/idempotency-key.ts'
import { workRow, type WorkRowDeps } from '#services/app1-provisioner/job-worker/work-row.ts'
import { makeProvisioningId, type CreationRequest } from '#services/app1-provisioner/provisioning-id.ts'
import type { CreatedUser } from '#shared/contract.ts'
import { ServiceError, type ErrorCode } from '#shared/errors.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { createDeadline } from '#shared/time/deadline.ts'
import { manualClock } from '#test/support/clock.ts'
import { farDeadline } from '#test/support/deadlines.ts'
import { fakeJobStore, rowName } from '#test/support/fake-job-store.ts'
import { fakeDataKeys, jobId, keepJob, keptJob, owner, reader } from '#test/support/jobs.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { machineSecret } from '#test/support/machine-secrets.ts'
import { createdUserBody, goodPassword } from '#test/support/requests.ts'
import { secretsFoundIn } from '#test/support/search-secrets.ts'

type Provision = (request: CreationRequest) => Promise<CreatedUser>

const { idempotencySecret } = machineSecret(null)

/** App2 gives what it has given for the same creation. */
const app2: Provision = (request) =>
  Promise.resolve(createdUserBody({ provisioning_id: makeProvisioningId(idempotencySecret, request) }))

const failing = (...codes: ErrorCode[]): Provision => {
  const left = [...codes]
  return (request) => {
    const code = left.shift()
    return code === undefined ? app2(request) : Promise.reject(new ServiceError(code))
  }
}

type Options = {
  readonly provision?: Provision
  readonly rows?: number
  readonly seconds?: number
  readonly deliverTo?: string
}

async function setUp({ provision = app2, rows = 1, seconds = 60, deliverTo }: Options = {}) {
  const store = fakeJobStore()
  const dataKeys = fakeDataKeys()
  const logger = recordingLogger()
  const clock = manualClock()
  const asked: CreationRequest[] = []
  const sleeps: number[] = []
  await keepJob(store, dataKeys, { rows, ...(deliverTo !== undefined && { deliverTo }) })
  const deps: WorkRowDeps = {
    findJob: (id, deadline) => store.jobs.find(id, deadline),
    rows: store.rows,
    openDataKey: dataKeys.open,
    admit: () => Promise.resolve(true),
    provision: (request) => {
      asked.push(request)
      return provision(request)
    },
    now: clock.now,
    sleep: (ms) => {
      sleeps.push(ms)
      clock.advance(ms)
      return Promise.resolve()
    },
    random: () => 0,
  }
  const work = (row = 0, changes: Partial<WorkRowDeps> = {}) =>
    workRow(
      { job: jobId, row },
      { ...deps, ...changes },
      { requestId: 'r', deadline: createDeadline({ now: clock.now, budgetMs: seconds * 1_000 }), logger },
    )
  const row = (index = 0) => store.keptRows.get(rowName({ job: jobId, row: index }))
  return { asked, clock, dataKeys, deps, logger, row, sleeps, store, work }
}

const passwordOf = ({ password }: CreationRequest): string =>
  password instanceof SecretValue ? password.expose() : expect.fail()

describe('a row', () => {
  it('is created as its job was asked for, and is done', async () => {
    const { asked, row, work } = await setUp({ rows: 2 })

    expect(await work(1)).toEqual({ kind: 'settled', state: 'done' })

    expect(asked).toEqual([
      {
        requestedBy: owner,
        idempotencyKey: `job,${jobId},1`,
        username: 'worker-1',
        humanUserId: 'alice',
        password: expect.any(SecretValue) as SecretValue,
      },
    ])
    expect(asked.map(passwordOf)).toEqual([`${goodPassword}-1`])
    expect(row(1)).toMatchObject({
      state: 'done',
      attempts: 1,
      settlement: { provisioningId: expect.stringMatching(/^v1\./) as string },
    })
    expect(row(0)?.state).toBe('waiting')
  })

  it('of a job that a human’s token asked for brings the evidence, and the log says whose it was', async () => {
    const { asked, logger, store, work } = await setUp({ provision: failing('user_exists') })
    const human = { issuer: 'https://idp.example.com', sub: 'human-1', jti: 'token-1', evidence: 'sealed' }
    store.kept.set(jobId, { ...(store.kept.get(jobId) ?? expect.fail()), human })

    await work()

    expect(asked).toMatchObject([{ humanOfJob: { job_id: jobId, human_evidence: 'sealed' } }])
    expect(logger.lines).toMatchObject([
      { human_proof: 'verified', human_issuer: 'https://idp.example.com', human_sub: 'human-1' },
    ])
  })

  it('whose password App2 makes is asked for with its reader, and keeps where it is', async () => {
    const provision: Provision = () => Promise.resolve(createdUserBody({ secret_arn: 'arn:secret' }))
    const { asked, dataKeys, row, work } = await setUp({ provision, deliverTo: reader })

    await work()

    expect(asked[0]?.password).toEqual({ deliverTo: reader })
    expect(row()?.settlement).toMatchObject({ secretArn: 'arn:secret' })
    expect(dataKeys.opened).toEqual([])
  })

  it('has no sealed password once it has left waiting', async () => {
    const { row, work } = await setUp()

    expect(row()?.password).toHaveProperty('sealed')
    await work()
    expect(row()?.password).toBeUndefined()
  })

  it('has no password in any line', async () => {
    const { logger, work } = await setUp({ provision: failing('upstream_error', 'user_exists') })

    await work()

    expect(logger.lines).toContainEqual(
      expect.objectContaining({
        message: 'row not created',
        job: jobId,
        row: 0,
        requested_by: owner,
        code: 'user_exists',
      }),
    )
    expect(secretsFoundIn(JSON.stringify(logger.lines), [`${goodPassword}-0`])).toEqual([])
  })

  it('has an idempotency key that no caller’s header can carry', async () => {
    const { asked, work } = await setUp()
    await work()
    const key = asked[0]?.idempotencyKey ?? ''

    expect(() => readIdempotencyKey(key)).toThrow(ServiceError)
    expect(() => readIdempotencyKey(`"${key}"`)).toThrow(ServiceError)
  })

  it('whose message comes twice is created once', async () => {
    const { asked, work } = await setUp()

    await work()

    expect(await work()).toEqual({ kind: 'dropped' })
    expect(asked).toHaveLength(1)
  })

  it('whose message comes twice at once ends as one', async () => {
    const { asked, row, work } = await setUp()

    expect(await Promise.all([work(), work()])).toEqual([1, 2].map(() => ({ kind: 'settled', state: 'done' })))
    expect(new Set(asked.map((request) => makeProvisioningId(idempotencySecret, request))).size).toBe(1)
    expect(row()).toMatchObject({ state: 'done', attempts: 1 })
  })

  it.each(['done', 'failed', 'cancelled'] as const)('that is %s already is left alone', async (state) => {
    const { asked, row, store, work } = await setUp()
    const before = { ...(row() ?? expect.fail()), state }
    store.keptRows.set(rowName({ job: jobId, row: 0 }), before)

    expect(await work()).toEqual({ kind: 'dropped' })
    expect(asked).toEqual([])
    expect(row()).toBe(before)
  })

  it('that is not there, or whose job is not ready or not there, is dropped', async () => {
    const { asked, store, work } = await setUp()

    expect(await work(7)).toEqual({ kind: 'dropped' })
    store.kept.set(jobId, keptJob({ state: 'loading' }))
    expect(await work()).toEqual({ kind: 'dropped' })
    store.kept.clear()
    expect(await work()).toEqual({ kind: 'dropped' })
    expect(asked).toEqual([])
  })

  it('of a cancelled job is cancelled', async () => {
    const { asked, row, store, work } = await setUp()
    store.kept.set(jobId, keptJob({ state: 'cancelled' }))

    expect(await work()).toEqual({ kind: 'settled', state: 'cancelled' })
    expect(row()).toMatchObject({ state: 'cancelled', attempts: 0, password: undefined })
    expect(asked).toEqual([])
  })

  it('whose job is cancelled while it waits for its turn is cancelled', async () => {
    const { asked, row, store, work } = await setUp()
    const admit = () => {
      store.kept.set(jobId, keptJob({ state: 'cancelled' }))
      return Promise.resolve(true)
    }

    expect(await work(0, { admit })).toEqual({ kind: 'settled', state: 'cancelled' })
    expect(row()?.state).toBe('cancelled')
    expect(asked).toEqual([])
  })

  it('whose worker died in its first attempt is tried to its end, whoever cancels the job then: its user may be there', async () => {
    const { asked, row, store, work } = await setUp({ provision: failing('upstream_timeout') })
    await store.rows.begin({ job: jobId, row: 0 }, 0, farDeadline())
    store.kept.set(jobId, keptJob({ ...store.kept.get(jobId), state: 'cancelled' }))

    expect(await work()).toEqual({ kind: 'settled', state: 'done' })
    expect(row()).toMatchObject({ state: 'done', attempts: 2, password: undefined })
    expect(asked).toHaveLength(2)
  })

  it('is begun before it is tried, and not tried where it was cancelled in that moment', async () => {
    const cancel = () =>
      store.rows.settle({ job: jobId, row: 0 }, { state: 'cancelled' }, { attempts: 0, now: 0 }, farDeadline())
    const { asked, row, store, work } = await setUp({
      provision: async (request) => {
        expect(await cancel()).toBe(false)
        return app2(request)
      },
      rows: 2,
    })

    expect(await work()).toEqual({ kind: 'settled', state: 'done' })
    expect(row()?.state).toBe('done')
    const begin: typeof store.rows.begin = async (id, now, deadline) => {
      await store.rows.settle(id, { state: 'cancelled' }, { attempts: 0, now }, deadline)
      return store.rows.begin(id, now, deadline)
    }
    expect(await work(1, { rows: { ...store.rows, begin } })).toEqual({ kind: 'dropped' })
    expect(asked).toHaveLength(1)
  })

  it('whose turn does not come in time is given back, untried', async () => {
    const { asked, row, work } = await setUp()

    expect(await work(0, { admit: () => Promise.resolve(false) })).toEqual({ kind: 'given_back', afterSeconds: 5 })
    expect(row()).toMatchObject({ state: 'waiting', attempts: 0 })
    expect(asked).toEqual([])
  })

  it('that is throttled waits as long as it was told, and is tried again', async () => {
    const throttled = new ServiceError('throttled', { retryAfterSeconds: 9 })
    let left = 1
    const { asked, row, sleeps, work } = await setUp({
      provision: (request) => (left-- > 0 ? Promise.reject(throttled) : app2(request)),
    })

    expect(await work()).toEqual({ kind: 'settled', state: 'done' })
    expect(sleeps).toEqual([9_000])
    expect(asked).toHaveLength(2)
    expect(row()?.attempts).toBe(2)
  })

  it.each<ErrorCode>([
    ...(['throttled', 'partial_provision', 'internal_error', 'upstream_error', 'not_ready'] as const),
    ...(['sign_in_unavailable', 'upstream_unavailable', 'upstream_timeout'] as const),
  ])('that fails with %s is tried while there is time, then given back', async (code) => {
    const { asked, row, sleeps, work } = await setUp({
      provision: () => Promise.reject(new ServiceError(code)),
      seconds: 20,
    })

    const outcome = await work()

    expect(outcome).toMatchObject({ kind: 'given_back' })
    expect(asked.length).toBeGreaterThan(1)
    expect(sleeps).toHaveLength(asked.length - 1)
    expect(row()).toMatchObject({ state: 'waiting', attempts: asked.length })
    expect(row()?.password).toHaveProperty('sealed')
  })

  it('that crashes is given back, with the name of the crash in no line', async () => {
    const { logger, work } = await setUp({ provision: () => Promise.reject(new TypeError('canary')), seconds: 5 })

    expect(await work()).toMatchObject({ kind: 'given_back' })
    expect(JSON.stringify(logger.lines)).not.toContain('canary')
  })

  it.each<ErrorCode>([
    ...(['user_exists', 'idempotency_key_reused', 'weak_password', 'reader_not_allowed', 'secret_missing'] as const),
  ])('that is refused with %s has failed for good, at the first attempt', async (code) => {
    const { asked, row, work } = await setUp({ provision: () => Promise.reject(new ServiceError(code)) })

    expect(await work()).toEqual({ kind: 'settled', state: 'failed' })
    expect(row()).toMatchObject({ state: 'failed', settlement: { code }, attempts: 1, password: undefined })
    expect(asked).toHaveLength(1)
  })

  it.each<[string, number, number, string]>([
    ['20 attempts over an hour', 19, 60, 'failed'],
    ['19 attempts over an hour', 18, 60, 'waiting'],
    ['20 attempts in less than an hour', 19, 59.99, 'waiting'],
  ])('after %s is %s', async (_, before, minutes, state) => {
    const { clock, row, store, work } = await setUp({ provision: failing('upstream_timeout'), seconds: 5 })
    const kept = row() ?? expect.fail()
    store.keptRows.set(rowName({ job: jobId, row: 0 }), { ...kept, attempts: before, firstTriedAt: clock.now() })
    clock.advance(minutes * 60_000)

    await work()

    expect(row()).toMatchObject({ state, attempts: before + 1 })
    if (state === 'failed') expect(row()?.settlement).toMatchObject({ code: 'upstream_timeout' })
  })

  it('whose worker dies between App2’s answer and the table gets the same answer again', async () => {
    const { asked, row, store, work } = await setUp()
    store.fail('settle', new ServiceError('upstream_timeout'))

    await expect(work()).rejects.toMatchObject({ code: 'upstream_timeout' })
    expect(row()?.state).toBe('waiting')
    await work()

    const ids = asked.map((request) => makeProvisioningId(idempotencySecret, request))
    expect(ids).toHaveLength(2)
    expect(new Set(ids).size).toBe(1)
    expect(row()).toMatchObject({ state: 'done', settlement: { provisioningId: ids[0] } })
  })

  it('whose worker dies after the table has it is left alone', async () => {
    const { asked, row, store, work } = await setUp()
    store.fail('settle', new ServiceError('upstream_timeout'), { afterEffect: true })

    await expect(work()).rejects.toThrow()
    expect(await work()).toEqual({ kind: 'dropped' })
    expect(asked).toHaveLength(1)
    expect(row()?.state).toBe('done')
  })

  it.each<[string, (stored: { sealed: Uint8Array; key: number }) => object | undefined]>([
    ['the sealed password of another row', () => undefined],
    ['a data key that the job has not', ({ sealed }) => ({ sealed, key: 1 })],
    ['a sealed password that was changed', ({ key }) => ({ sealed: Buffer.alloc(50), key })],
  ])('with %s fails, and nothing is asked of App2', async (_, change) => {
    const { asked, row, store, work } = await setUp({ rows: 2 })
    const [first, second] = [row(0) ?? expect.fail(), row(1) ?? expect.fail()]
    const password = change(first.password as { sealed: Uint8Array; key: number }) ?? second.password
    store.keptRows.set(rowName({ job: jobId, row: 0 }), { ...first, password: password as typeof first.password })

    expect(await work(0)).toEqual({ kind: 'settled', state: 'failed' })
    expect(row(0)?.settlement).toMatchObject({ code: 'password_unreadable' })
    expect(asked).toEqual([])
  })

  it('with the username of another is not created under it', async () => {
    const { asked, row, store, work } = await setUp()
    store.keptRows.set(rowName({ job: jobId, row: 0 }), { ...(row() ?? expect.fail()), username: 'admin' })

    expect(await work()).toEqual({ kind: 'settled', state: 'failed' })
    expect(asked).toEqual([])
  })

  it('whose data key KMS does not open now is given back', async () => {
    const { row, work } = await setUp({ seconds: 5 })
    const openDataKey = () => Promise.reject(new ServiceError('upstream_unavailable'))

    expect(await work(0, { openDataKey })).toMatchObject({ kind: 'given_back' })
    expect(row()?.state).toBe('waiting')
  })

  it('that cannot be read has to come again', async () => {
    const { store, work } = await setUp()
    store.fail('read', new ServiceError('throttled'))

    await expect(work()).rejects.toMatchObject({ code: 'throttled' })
  })
})
