import type { SQSEvent, SQSRecord } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { createWorker } from '#services/app1-provisioner/job-worker/worker.ts'
import type { WorkRowDeps } from '#services/app1-provisioner/job-worker/work-row.ts'
import { ServiceError } from '#shared/errors.ts'
import { captureOutput } from '#test/support/capture-output.ts'
import { manualClock } from '#test/support/clock.ts'
import { fakeJobStore, rowName } from '#test/support/fake-job-store.ts'
import { fakeDataKeys, jobId, keepJob } from '#test/support/jobs.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { createdUserBody, goodPassword } from '#test/support/requests.ts'
import { secretsFoundIn } from '#test/support/search-secrets.ts'

const record = (row: number | string): SQSRecord =>
  ({
    messageId: `message-${row}`,
    receiptHandle: `receipt-${row}`,
    body: typeof row === 'string' ? row : JSON.stringify({ job: jobId, row }),
  }) as SQSRecord
const eventOf = (...rows: (number | string)[]): SQSEvent => ({ Records: rows.map(record) })

type Provision = WorkRowDeps['provision']

async function setUp(provision: Provision = () => Promise.resolve(createdUserBody())) {
  const store = fakeJobStore()
  const dataKeys = fakeDataKeys()
  const logger = recordingLogger()
  const clock = manualClock()
  await keepJob(store, dataKeys, { rows: 3 })
  const asked: string[] = []
  const work = createWorker({
    ...store,
    findJob: (id, deadline) => store.jobs.find(id, deadline),
    openDataKey: dataKeys.open,
    admit: () => Promise.resolve(true),
    duringBatch: (batch) => batch(),
    provision: (request, context) => {
      asked.push(request.username)
      return provision(request, context)
    },
    now: clock.now,
    sleep: () => Promise.resolve(),
    random: () => 0.4,
    logger,
  })
  const invoke = (event: unknown, remainingMs = 8_000) =>
    work(event, { awsRequestId: 'request-1', getRemainingTimeInMillis: () => remainingMs })
  const states = () => [0, 1, 2].map((row) => store.keptRows.get(rowName({ job: jobId, row }))?.state)
  return { asked, clock, invoke, logger, states, store }
}

describe('a batch of messages', () => {
  it('is worked off, row beside row', async () => {
    let running = 0
    let most = 0
    const { invoke, states } = await setUp(async () => {
      most = Math.max(most, ++running)
      await new Promise(setImmediate)
      running -= 1
      return createdUserBody()
    })

    expect(await invoke(eventOf(0, 1, 2))).toEqual({ batchItemFailures: [] })
    expect(states()).toEqual(['done', 'done', 'done'])
    expect(most).toBe(3)
  })

  it('gives back the messages of the rows that came to nothing, and has them come again soon', async () => {
    const { invoke, states, store } = await setUp(({ username }) =>
      username === 'worker-1'
        ? Promise.reject(new ServiceError('upstream_timeout'))
        : Promise.resolve(createdUserBody()),
    )

    expect(await invoke(eventOf(0, 1, 2))).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-1' }] })
    expect(states()).toEqual(['done', 'waiting', 'done'])
    expect(store.postponed).toEqual([{ receiptHandle: 'receipt-1', seconds: 5 }])
  })

  it('of which every row comes to nothing gives all back, and is no failure of the function', async () => {
    const { invoke } = await setUp(() => Promise.reject(new ServiceError('throttled')))

    expect(await invoke(eventOf(0, 1))).toEqual({
      batchItemFailures: [{ itemIdentifier: 'message-0' }, { itemIdentifier: 'message-1' }],
    })
  })

  it('does not give back a row that was refused for good', async () => {
    const { invoke, states } = await setUp(() => Promise.reject(new ServiceError('user_exists')))

    expect(await invoke(eventOf(0))).toEqual({ batchItemFailures: [] })
    expect(states()[0]).toBe('failed')
  })

  it('gives back what the table does not tell, and a message that is none', async () => {
    const { invoke, logger, store } = await setUp()
    store.fail('read', new ServiceError('upstream_unavailable'))

    const { batchItemFailures } = (await invoke(eventOf(0, 1, 'canary'))) ?? expect.fail()

    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).toSorted()).toEqual([
      'message-0',
      'message-canary',
    ])
    expect(logger.lines).toContainEqual(
      expect.objectContaining({ reason: 'message_malformed', request_id: 'request-1' }),
    )
    expect(logger.lines).toContainEqual(expect.objectContaining({ code: 'upstream_unavailable', job: jobId, row: 0 }))
    expect(JSON.stringify(logger.lines)).not.toContain('canary')
  })

  it('whose message cannot be postponed comes again all the same', async () => {
    const { invoke, store } = await setUp(() => Promise.reject(new ServiceError('throttled')))
    Object.assign(store.queue, { postpone: () => Promise.reject(new ServiceError('upstream_error')) })

    expect(await invoke(eventOf(0))).toEqual({ batchItemFailures: [{ itemIdentifier: 'message-0' }] })
  })

  it('prints nothing besides its lines, and no password in them', async () => {
    const output = captureOutput()
    const { invoke, logger } = await setUp(() => Promise.reject(new TypeError(goodPassword)))

    const answer = await invoke(eventOf(0, 1, 'x')).finally(output.release)

    expect(output.text()).toBe('')
    expect(secretsFoundIn(JSON.stringify([answer, logger.lines]), [goodPassword])).toEqual([])
  })

  it('that is neither messages nor the schedule is refused', async () => {
    const { invoke } = await setUp()

    for (const event of [{}, { sweep: false }, { sweep: 'true' }, null]) await expect(invoke(event)).rejects.toThrow()
  })
})

describe('the sweeper', () => {
  const sweep = { sweep: true }

  it('sends again the messages of rows that nobody touched for twice the time a message is hidden', async () => {
    const { clock, invoke, logger, store } = await setUp()
    await store.rows.countAttempts({ job: jobId, row: 1 }, { attempts: 1, now: clock.now() + 1 }, {} as never)
    clock.advance(2 * store.look.visibilityMs)

    expect(await invoke(sweep)).toBeUndefined()

    expect(store.sent).toEqual([0, 2].map((row) => ({ job: jobId, row })))
    expect(logger.lines).toContainEqual(expect.objectContaining({ message: 'messages sent again', job: jobId }))
  })

  it('sends nothing a moment earlier, and nothing while messages wait in the queue', async () => {
    const { clock, invoke, store } = await setUp()

    clock.advance(2 * store.look.visibilityMs - 1)
    await invoke(sweep)
    clock.advance(1)
    store.look = { ...store.look, waiting: 1 }
    await invoke(sweep)

    expect(store.sent).toEqual([])
  })

  it('begins with another job each time, so that none is left out for ever', async () => {
    const { invoke, logger, store } = await setUp()
    for (const id of ['second', 'third']) store.open.add(id)
    await invoke(eventOf(0, 1, 2))

    await invoke(sweep)

    const swept = logger.lines.filter(({ message }) => message === 'job at its end').map(({ job }) => job)
    expect(swept).toEqual(['second', 'third', jobId])
  })

  it('sends the rows of a cancelled job that were begun again, and cancels the others', async () => {
    const { clock, invoke, states, store } = await setUp()
    await store.rows.begin({ job: jobId, row: 1 }, clock.now(), {} as never)
    await store.jobs.cancel(jobId, {} as never)
    clock.advance(2 * store.look.visibilityMs)

    await invoke(sweep)

    expect(states()).toEqual(['cancelled', 'waiting', 'cancelled'])
    expect(store.sent).toEqual([{ job: jobId, row: 1 }])
    expect(await invoke(eventOf(1))).toEqual({ batchItemFailures: [] })
    expect(states()).toEqual(['cancelled', 'done', 'cancelled'])
  })

  it('cancels what waits of a cancelled job, and closes it the next time', async () => {
    const { invoke, states, store } = await setUp()
    await store.rows.settle(
      { job: jobId, row: 0 },
      { state: 'failed', code: 'x' },
      { attempts: 1, now: 0 },
      {} as never,
    )
    await store.jobs.cancel(jobId, {} as never)

    await invoke(sweep)
    expect(states()).toEqual(['failed', 'cancelled', 'cancelled'])
    expect(store.open.size).toBe(1)
    await invoke(sweep)
    expect(store.open.size).toBe(0)
  })

  it('closes a job of which no row waits, and one that is not there any more', async () => {
    const { clock, invoke, store } = await setUp()
    await invoke(eventOf(0, 1, 2))
    store.open.add('forgotten')

    await invoke(sweep)

    expect(store.open.size).toBe(0)
    expect(store.kept.get(jobId)?.endedAt).toBe(new Date(clock.now()).toISOString())
  })

  it('leaves a job alone whose rows are not all there', async () => {
    const { clock, invoke, store } = await setUp()
    store.kept.set(jobId, { ...(store.kept.get(jobId) ?? expect.fail()), state: 'loading' })
    clock.advance(10 * store.look.visibilityMs)

    await invoke(sweep)

    expect(store.sent).toEqual([])
    expect(store.open.size).toBe(1)
  })

  it('goes on with the next job where one fails', async () => {
    const { clock, invoke, logger, store } = await setUp()
    store.open.clear()
    for (const id of ['first', jobId]) store.open.add(id)
    store.fail('find', new ServiceError('throttled', { reason: 'r' }))
    clock.advance(2 * store.look.visibilityMs)

    await invoke(sweep)

    expect(logger.lines).toContainEqual(
      expect.objectContaining({ message: 'job not swept', job: 'first', code: 'throttled' }),
    )
    expect(store.sent).toHaveLength(3)
  })

  it('stops where its time is over', async () => {
    const { clock, invoke, store } = await setUp()
    clock.advance(2 * store.look.visibilityMs)

    await invoke(sweep, 1_000)

    expect(store.sent).toEqual([])
  })
})
