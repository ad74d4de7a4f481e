// Messages of whoever can send to the queue of jobs: no creation that no job asked for, and no batch that they hold up.
import type { SQSEvent, SQSRecord } from 'aws-lambda'
import { describe, expect, it } from 'vitest'
import { createWorker } from '#services/app1-provisioner/job-worker/worker.ts'
import type { Job } from '#services/app1-provisioner/job-store/job-store.ts'
import { idempotencyKeyOfRow, type CreationRequest } from '#services/app1-provisioner/provisioning-id.ts'
import { ServiceError } from '#shared/errors.ts'
import { manualClock } from '../support/clock.ts'
import { farDeadline } from '../support/deadlines.ts'
import { fakeJobStore, rowName } from '../support/fake-job-store.ts'
import { fakeDataKeys, jobId, keepJob, keptJob, owner, reader } from '../support/jobs.ts'
import { recordingLogger } from '../support/logger.ts'
import { createdUserBody, goodPassword } from '../support/requests.ts'
import { countAttack } from './support/repel.ts'

const jobs = {
  loading: 'LoadingLoadingLoadingL',
  cancelled: 'CancelledCancelledCanc',
  /** Its own item cannot be read. */
  broken: 'BrokenBrokenBrokenBrok',
  unknown: 'UnknownUnknownUnknownU',
} as const

/** A job of five rows, of which 3 is done and 4 has failed, beside others of one row. */
async function setUp() {
  const store = fakeJobStore()
  const dataKeys = fakeDataKeys()
  const logger = recordingLogger()
  const { now } = manualClock()
  await keepJob(store, dataKeys, { rows: 5 })
  const settle = (row: number, settlement: Parameters<typeof store.rows.settle>[1]) =>
    store.rows.settle({ job: jobId, row }, settlement, { attempts: 1, now: 0 }, farDeadline())
  await settle(3, { state: 'done', provisioningId: 'v1.x.y', secretArn: undefined })
  await settle(4, { state: 'failed', code: 'user_exists' })
  const keep = async (id: string, state: Job['state']): Promise<void> => {
    const job = keptJob({ id, state })
    store.kept.set(id, job)
    const row = { row: 0, username: `of-${state}`, humanUserId: 'mallory', password: { deliverTo: reader } }
    await store.rows.add(job, [row], 0, farDeadline())
  }
  await keep(jobs.loading, 'loading')
  await keep(jobs.cancelled, 'cancelled')
  await keep(jobs.broken, 'ready')

  const asked: CreationRequest[] = []
  const work = createWorker({
    ...store,
    findJob: (id, deadline) =>
      id === jobs.broken
        ? Promise.reject(new ServiceError('internal_error', { reason: 'job_item_malformed' }))
        : store.jobs.find(id, deadline),
    openDataKey: dataKeys.open,
    admit: () => Promise.resolve(true),
    duringBatch: (batch) => batch(),
    provision: (request) => {
      asked.push(request)
      return Promise.resolve(createdUserBody())
    },
    ...{ now, sleep: () => Promise.resolve(), random: () => 0, logger },
  })
  const invoke = (event: unknown) => work(event, { awsRequestId: 'r', getRemainingTimeInMillis: () => 60_000 })
  const stateOf = (row: number) => store.keptRows.get(rowName({ job: jobId, row }))?.state
  return { asked, invoke, logger, stateOf, store }
}

const messageOf = (row: unknown, job: unknown = jobId, more: object = {}): string =>
  JSON.stringify({ job, row, ...more })

const batch = (...bodies: unknown[]): SQSEvent => ({
  Records: bodies.map((body, index) => ({ messageId: `m${index}`, receiptHandle: `r${index}`, body }) as SQSRecord),
})

/** What rows 0 and 1 are asked for by: nothing of it can be said by a message. */
const own = [0, 1].map((row) => [owner, idempotencyKeyOfRow(jobId, row), `worker-${row}`])
const namesOf = (asked: readonly CreationRequest[]) =>
  asked.map(({ requestedBy, idempotencyKey, username }) => [requestedBy, idempotencyKey, username]).sort()

/** Between two good messages. `failures` are those that have to come again. */
async function play(body: unknown, task: Parameters<typeof countAttack>[0]) {
  const bench = await setUp()
  const answer = await bench.invoke(batch(messageOf(0), body, messageOf(1)))
  countAttack(task, [
    JSON.stringify(namesOf(bench.asked)) !== JSON.stringify(own),
    bench.stateOf(0) !== 'done' || bench.stateOf(1) !== 'done',
  ])
  expect(namesOf(bench.asked)).toEqual(own)
  expect([0, 1].map(bench.stateOf)).toEqual(['done', 'done'])
  return { ...bench, failures: answer?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier) }
}

describe('a forged message, between two good ones', () => {
  const padding = ' '.repeat(256 * 1024)
  const short = jobId.slice(1)

  it.for<[string, unknown]>([
    ...(['', ' ', 'no JSON', 'null', 'true', '7', '"x"', '[]', '{}', '{', '\u0000', '\uFEFF{}'] as const).map(
      (text): [string, unknown] => [JSON.stringify(text), text],
    ),
    ['no body', undefined],
    ['a body that is no text', { job: jobId, row: 2 }],
    ['a job and no row', JSON.stringify({ job: jobId })],
    ['a row and no job', JSON.stringify({ row: 2 })],
    [
      'a list of two',
      JSON.stringify([
        { job: jobId, row: 2 },
        { job: jobId, row: 2 },
      ]),
    ],
    ['another message inside', JSON.stringify({ Message: messageOf(2) })],
    ['the sweep', JSON.stringify({ sweep: true })],
    ...[-1, 0.5, 10_000, 1e9, 1e300, '2', '', 'meta', null, true, [2], { N: '2' }, '00002'].map(
      (row): [string, unknown] => [`the row ${JSON.stringify(row)}`, messageOf(row)],
    ),
    ['a row without end', `{"job":"${jobId}","row":1e999}`],
    ...[
      '',
      'open',
      'meta',
      `${jobId}#0`,
      `${short}#`,
      short,
      `${jobId}A`,
      `${jobId} `,
      `${short}\n`,
      `../${jobId}`,
    ].map((job): [string, unknown] => [`the job ${JSON.stringify(job)}`, messageOf(2, job)]),
    ...[null, 7, true, [jobId], { S: jobId }].map((job): [string, unknown] => [
      `the job ${JSON.stringify(job)}`,
      messageOf(2, job),
    ]),
    ...[
      { username: 'mallory' },
      { password: goodPassword },
      { requested_by: 'arn:aws:iam::111111111111:role/billing' },
      { human_user_id: 'mallory' },
      { idempotency_key: 'k' },
      { deliver_to: reader },
      { state: 'waiting' },
      { attempts: 0 },
      { key: 0, sealed: 'AAAA' },
      { constructor: {} },
      { '': '' },
    ].map((more): [string, unknown] => [`with ${JSON.stringify(more)}`, messageOf(2, jobId, more)]),
    ['with a prototype', `{"job":"${jobId}","row":2,"__proto__":{"username":"mallory"}}`],
    ['a body as long as SQS takes', `{"job":"${jobId}","row":2,"x":"${padding}"}`],
    ['a body of brackets', '['.repeat(100_000)],
  ])('%s: it comes again until the queue puts it aside, and says nothing', async ([, body], { task }) => {
    const { failures, logger, store } = await play(body, task)

    expect(failures).toEqual(['m1'])
    expect(store.postponed).toEqual([])
    const lines = logger.lines.filter(({ level }) => level === 'error')
    expect(lines).toMatchObject([{ code: 'internal_error', reason: 'message_malformed' }])
    expect(JSON.stringify(lines)).not.toMatch(/mallory|AAAA/)
  })

  it.for<[string, string]>([
    ['a job that there is none of', messageOf(0, jobs.unknown)],
    ['a job that is loading', messageOf(0, jobs.loading)],
    ['a row behind the last', messageOf(5)],
    ['the last row that any job can have', messageOf(9_999)],
    ['a row that is done', messageOf(3)],
    ['a row that has failed', messageOf(4)],
    ['the job in capitals', messageOf(0, jobId.toUpperCase())],
  ])('%s: it is dropped', async ([, body], { task }) => {
    const before = (await setUp()).store.keptRows
    const { failures, store } = await play(body, task)

    expect(failures).toEqual([])
    const others = [...store.keptRows].filter(([name]) => ![0, 1].some((row) => name === rowName({ job: jobId, row })))
    expect(others.map(([name, { state }]) => [name, state])).toEqual(
      others.map(([name]) => [name, before.get(name)?.state]),
    )
  })

  it('the row of a cancelled job: it is cancelled', async ({ task }) => {
    const { failures, store } = await play(messageOf(0, jobs.cancelled), task)

    expect(failures).toEqual([])
    expect(store.keptRows.get(rowName({ job: jobs.cancelled, row: 0 }))?.state).toBe('cancelled')
  })

  it('the row of a job whose item cannot be read: it comes again, later', async ({ task }) => {
    const { failures, store } = await play(messageOf(0, jobs.broken), task)

    expect(failures).toEqual(['m1'])
    expect(store.postponed).toEqual([{ receiptHandle: 'r1', seconds: 5 }])
  })

  it.for([
    ['spaces', ` ${messageOf(0)} `],
    ['the longest body of spaces', messageOf(0) + padding],
    ['two rows, of which JSON takes the last', `{"job":"${jobId}","row":4,"row":0}`],
    ['another form of the number', `{"job":"${jobId}","row":0.0e5}`],
    ['a negative nothing', `{"job":"${jobId}","row":-0}`],
  ] as const)('the same row in other words, %s: it is the same creation', async ([, body], { task }) => {
    const { asked, invoke, stateOf } = await setUp()

    await invoke(batch(body, messageOf(1)))
    await invoke(batch(body))

    countAttack(task, [JSON.stringify(namesOf(asked)) !== JSON.stringify(own)])
    expect(namesOf(asked)).toEqual(own)
    expect(stateOf(4)).toBe('failed')
  })
})

describe('many messages', () => {
  it('of one row at once ask for one creation, by one key', async ({ task }) => {
    const { asked, invoke, stateOf } = await setUp()

    await invoke(batch(...Array.from({ length: 10 }, () => messageOf(0))))

    const keys = new Set(namesOf(asked).map((names) => names.join(' ')))
    countAttack(task, [keys.size !== 1])
    expect([...keys]).toEqual([own[0]?.join(' ')])
    expect(stateOf(0)).toBe('done')
  })

  it('that are forged take no good one with them', async ({ task }) => {
    const { asked, invoke, stateOf } = await setUp()
    const forged = Array.from({ length: 9 }, (_, index) => (index % 2 === 0 ? '{' : messageOf(0, jobs.broken)))

    const answer = await invoke(batch(...forged, messageOf(1)))

    countAttack(task, [stateOf(1) !== 'done'])
    expect(answer?.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier).sort()).toEqual(
      forged.map((_, index) => `m${index}`),
    )
    expect(namesOf(asked)).toEqual([own[1]])
  })
})

describe('an event that is none of the queue’s', () => {
  it.for<unknown>([
    null,
    'sweep',
    [],
    {},
    { Records: null },
    { Records: [] },
    { Records: [null] },
    { Records: 'x' },
    { sweep: 'true', Records: [] },
    { rows: [{ job: jobId, row: 2 }] },
    { job: jobId, row: 2 },
    { body: messageOf(2) },
    { sweep: true, Records: batch(messageOf(2)).Records },
    { sweep: true, job: jobId, rows: [{ username: 'mallory' }] },
  ])('%j makes nothing', async (event, { task }) => {
    const { asked, invoke, stateOf } = await setUp()

    await invoke(event).catch(() => undefined)

    countAttack(task, [asked.length > 0])
    expect(asked).toEqual([])
    expect(stateOf(2)).toBe('waiting')
  })
})
