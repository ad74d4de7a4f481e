import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  QueueDoesNotExist,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it } from 'vitest'
import { createBackOff } from '#services/app1-provisioner/job-store/back-off.ts'
import { createJobQueue, readMessage } from '#services/app1-provisioner/job-store/job-queue.ts'
import { farDeadline, pastDeadline } from '#test/support/deadlines.ts'
import { jobId } from '#test/support/jobs.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { mockClient } from '#test/support/mock-client.ts'

const sqs = mockClient(SQSClient)
const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/111111111111/jobs'
const logger = recordingLogger()
const queue = createJobQueue({
  sqs: new SQSClient({ region: 'eu-west-1' }),
  queueUrl,
  backOff: createBackOff({ sleep: () => Promise.resolve(), random: () => 0.5 }),
  logger,
})

const idsOf = (count: number) => Array.from({ length: count }, (_, row) => ({ job: jobId, row }))
const failed = (...ids: string[]) => ({
  Successful: [],
  Failed: ids.map((Id) => ({ Id, Code: 'InternalError', SenderFault: false })),
})
const bodies = (): (string | undefined)[] =>
  sqs
    .commandCalls(SendMessageBatchCommand)
    .flatMap(({ args: [{ input }] }) => (input.Entries ?? []).map(({ MessageBody }) => MessageBody))

beforeEach(() => {
  sqs.reset()
  logger.lines.length = 0
})

describe('the queue of rows', () => {
  it.each([
    [1, 1],
    [10, 1],
    [11, 2],
    [10_000, 1_000],
  ])('takes %i ids in %i calls, and nothing but ids', async (count, calls) => {
    sqs.on(SendMessageBatchCommand).resolves({})

    expect(await queue.send(idsOf(count), farDeadline())).toBe(0)

    expect(sqs).toHaveReceivedCommandTimes(SendMessageBatchCommand, calls)
    expect(new Set(bodies())).toEqual(new Set(idsOf(count).map((id) => JSON.stringify(id))))
    expect(bodies().map((body) => readMessage(body ?? ''))).toEqual(expect.arrayContaining(idsOf(count).slice(0, 3)))
  })

  it('is offered again what it did not take', async () => {
    sqs.on(SendMessageBatchCommand).resolvesOnce(failed('1', '2')).resolvesOnce(failed('0')).resolves({})

    expect(await queue.send(idsOf(3), farDeadline())).toBe(0)
    expect(bodies().map((body) => readMessage(body ?? '')?.row)).toEqual([0, 1, 2, 1, 2, 1])
  })

  it('is offered it five times, and no longer than there is time', async () => {
    sqs.on(SendMessageBatchCommand).resolves(failed('0'))

    expect(await queue.send(idsOf(2), farDeadline())).toBe(1)
    expect(sqs).toHaveReceivedCommandTimes(SendMessageBatchCommand, 5)
    expect(await queue.send(idsOf(2), pastDeadline())).toBe(1)
    expect(sqs).toHaveReceivedCommandTimes(SendMessageBatchCommand, 6)
  })

  it('that fails keeps nobody from going on: how many are not sent is told', async () => {
    sqs
      .on(SendMessageBatchCommand)
      .rejectsOnce(new QueueDoesNotExist({ message: 'canary', $metadata: {} }))
      .resolves({})

    expect(await queue.send(idsOf(11), farDeadline())).toBe(10)
    expect(logger.lines).toEqual([expect.objectContaining({ level: 'warn', code: 'internal_error', job: jobId })])
    expect(JSON.stringify(logger.lines)).not.toContain('canary')
  })

  it('has a message come back later', async () => {
    sqs.on(ChangeMessageVisibilityCommand).resolves({})

    await queue.postpone('receipt', 5, farDeadline())

    expect(sqs).toHaveReceivedCommandWith(ChangeMessageVisibilityCommand, {
      QueueUrl: queueUrl,
      ReceiptHandle: 'receipt',
      VisibilityTimeout: 5,
    })
  })

  it('says how much waits in it, and for how long a message is hidden', async () => {
    sqs
      .on(GetQueueAttributesCommand)
      .resolvesOnce({ Attributes: { ApproximateNumberOfMessages: '7', VisibilityTimeout: '360' } })
      .resolves({})

    expect(await queue.look(farDeadline())).toEqual({ waiting: 7, visibilityMs: 360_000 })
    expect(await queue.look(farDeadline())).toEqual({ waiting: 0, visibilityMs: 0 })
  })

  it.each(['postpone', 'look'] as const)('tells a failure of %s without SQS’s words', async (call) => {
    sqs.onAnyCommand().rejects(new QueueDoesNotExist({ message: 'canary', $metadata: {} }))
    const failing = call === 'look' ? queue.look(farDeadline()) : queue.postpone('r', 1, farDeadline())

    await expect(failing).rejects.toMatchObject({ code: 'internal_error', reason: 'QueueDoesNotExist' })
  })
})

describe('a message', () => {
  it.each([0, 9_999])('about row %i is read', (row) => {
    expect(readMessage(JSON.stringify({ job: jobId, row }))).toEqual({ job: jobId, row })
  })

  it.each([
    ...['', 'x', 'null', '{}', '[]', JSON.stringify({ job: jobId })],
    ...[-1, 0.5, 10_000, '1'].map((row) => JSON.stringify({ job: jobId, row })),
    ...['open', `${jobId}#`, `${jobId}A`].map((job) => JSON.stringify({ job, row: 1 })),
    JSON.stringify({ job: jobId, row: 1, username: 'x' }),
  ])('%s is none', (body) => {
    expect(readMessage(body)).toBeUndefined()
  })
})
