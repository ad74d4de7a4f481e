import { createHash } from 'node:crypto'
import { GetQueueAttributesCommand, SendMessageBatchCommand, SendMessageCommand } from '@aws-sdk/client-sqs'
import type { SQSEvent } from 'aws-lambda'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Fault } from '../../aws/faults.ts'
import { inProcess } from '../../gateway/lambda-function.ts'
import {
  startSqsEventSource,
  type EventSourceFailure,
  type SqsEventSource,
  type SqsEventSourceOptions,
} from '../../triggers/sqs-event-source.ts'
import { startTablesAndQueues, type TablesAndQueues } from '../aws/tables-and-queues.ts'
import { refusal } from '../aws/test-aws.ts'

type Handler = (event: SQSEvent) => unknown

type Stand = TablesAndQueues & {
  readonly source: SqsEventSource
  readonly failures: EventSourceFailure[]
  /** The bodies of each call of the function. */
  readonly calls: string[][]
}

/** A queue that already has `bodies`, and an event source that hands them to `handler`. */
async function startStand(
  bodies: readonly string[],
  handler: Handler,
  options: Partial<SqsEventSourceOptions> & { readonly faults?: Fault[]; readonly visibilitySeconds?: number } = {},
): Promise<Stand> {
  const { faults = [], visibilitySeconds = 600, ...rest } = options
  const queueAttributes = { VisibilityTimeout: String(visibilitySeconds) }
  const local = await startTablesAndQueues({ queueAttributes })
  await send(local, bodies)
  local.aws.setFaults(faults)
  const failures: EventSourceFailure[] = []
  const calls: string[][] = []
  const record: Handler = (event) => {
    calls.push(event.Records.map(({ body }) => body))
    return handler(event)
  }
  const source = await startSqsEventSource({
    sqs: local.sqs,
    queueUrl: local.queueUrl,
    function: inProcess(record, { name: 'worker', timeoutMs: 5000 }),
    batchSize: 10,
    maximumConcurrency: 2,
    reportBatchItemFailures: true,
    onFailure: (failure) => failures.push(failure),
    pauseMs: 1,
    ...rest,
  })
  onTestFinished(() => source.close())
  return { ...local, source, failures, calls }
}

function send({ sqs, queueUrl }: Pick<TablesAndQueues, 'sqs' | 'queueUrl'>, bodies: readonly string[]) {
  const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }))
  return sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
}

/** How many messages the queue still has, be they hidden or not. */
async function countMessages({ sqs, queueUrl }: TablesAndQueues): Promise<number> {
  const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible'] as const
  const asked = new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...AttributeNames] })
  const { Attributes = {} } = await sqs.send(asked)
  return AttributeNames.reduce((sum, name) => sum + Number(Attributes[name]), 0)
}

/** The answer that names the messages with those bodies. */
function failing(...bodies: string[]): Handler {
  return ({ Records }) => {
    const failed = Records.filter(({ body }) => bodies.includes(body))
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) }
  }
}

const throwing: Handler = () => {
  throw new TypeError('of <canary>')
}

describe('an SQS event source', () => {
  it('calls the function with the event that Lambda gives', async () => {
    const events: SQSEvent[] = []
    const stand = await startStand(['first'], (event) => {
      events.push(event)
    })
    const { MessageId, MD5OfMessageAttributes } = await stand.sqs.send(
      new SendMessageCommand({
        QueueUrl: stand.queueUrl,
        MessageBody: 'second',
        MessageAttributes: {
          text: { DataType: 'String', StringValue: 'x' },
          bytes: { DataType: 'Binary', BinaryValue: Buffer.from('x') },
        },
      }),
    )
    await vi.waitFor(() => {
      expect(events.flatMap(({ Records }) => Records)).toHaveLength(2)
    })

    const text = (pattern: RegExp) => expect.stringMatching(pattern) as string
    const lists = { stringListValues: [], binaryListValues: [] }
    const [first, second] = events.flatMap(({ Records }) => Records)
    expect(first).toStrictEqual({
      messageId: text(/^[0-9a-f-]{36}$/),
      receiptHandle: text(/./),
      body: 'first',
      attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: text(/^\d{13}$/),
        SenderId: text(/./),
        ApproximateFirstReceiveTimestamp: text(/^\d{13}$/),
      },
      messageAttributes: {},
      md5OfBody: createHash('md5').update('first').digest('hex'),
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:work',
      awsRegion: 'us-east-1',
    })
    expect(second).toMatchObject({
      messageId: MessageId,
      md5OfMessageAttributes: MD5OfMessageAttributes,
      messageAttributes: {
        text: { stringValue: 'x', dataType: 'String', ...lists },
        bytes: { binaryValue: 'eA==', dataType: 'Binary', ...lists },
      },
    })
  })

  it.each<{ what: string; handler: Handler; stays: number; reasons: string[]; report?: boolean }>([
    { what: 'nothing', handler: () => undefined, stays: 0, reasons: [] },
    { what: 'one failure', handler: failing('b'), stays: 1, reasons: ['the function named them'] },
    {
      what: 'an unknown id',
      handler: () => ({ batchItemFailures: [{ itemIdentifier: 'unknown' }] }),
      stays: 3,
      reasons: ['an itemIdentifier is of no message'],
    },
    { what: 'a throw', handler: throwing, stays: 3, reasons: ['the function failed: TypeError'] },
    {
      what: 'one failure, without ReportBatchItemFailures',
      handler: failing('b'),
      stays: 0,
      reasons: [],
      report: false,
    },
    {
      what: 'a throw, without ReportBatchItemFailures',
      handler: throwing,
      stays: 3,
      reasons: ['the function failed: TypeError'],
      report: false,
    },
  ])('after $what, $stays of 3 messages stay in the queue', async ({ handler, stays, reasons, report = true }) => {
    const stand = await startStand(['a', 'b', 'c'], handler, { reportBatchItemFailures: report })
    await vi.waitFor(() => {
      expect(stand.calls.flat()).toHaveLength(3)
    })

    await stand.source.close()

    expect(await countMessages(stand)).toBe(stays)
    expect(stand.failures.map(({ reason }) => reason)).toEqual(reasons)
    expect(stand.failures.flatMap(({ messageIds }) => messageIds)).toHaveLength(stays)
  })

  it('a message that failed comes again after the visibility timeout, alone', async () => {
    const counts: string[] = []
    const stand = await startStand(
      ['a', 'b'],
      (event) => {
        const failed = event.Records.filter(({ body }) => body === 'b')
        counts.push(...failed.map(({ attributes }) => attributes.ApproximateReceiveCount))
        return counts.length === 1 ? failing('b')(event) : null
      },
      { visibilitySeconds: 1 },
    )

    await vi.waitFor(
      () => {
        expect(stand.calls).toEqual([['a', 'b'], ['b']])
      },
      { timeout: 5000 },
    )
    await stand.source.close()

    expect(counts).toEqual(['1', '2'])
    expect(await countMessages(stand)).toBe(0)
  })

  it('makes batches of the size and calls of the number that it is allowed, and no more', async () => {
    let running = 0
    let most = 0
    const waiting: (() => void)[] = []
    const stand = await startStand(
      Array.from({ length: 9 }, (_, index) => String(index)),
      async () => {
        running += 1
        most = Math.max(most, running)
        await new Promise<void>((resolve) => waiting.push(resolve))
        running -= 1
      },
      { batchSize: 2, maximumConcurrency: 3 },
    )

    while (stand.calls.flat().length < 9 || running > 0) {
      // The last message is alone in its batch.
      const expected = Math.min(3, 5 - stand.calls.length + running)
      await vi.waitFor(() => {
        expect(running).toBe(expected)
      })
      waiting.shift()?.()
      await new Promise((resolve) => setImmediate(resolve))
    }

    expect(most).toBe(3)
    expect(stand.calls.map(({ length }) => length)).toEqual([2, 2, 2, 2, 1])
  })

  it('closing waits for the calls under way and takes no more', async () => {
    const under: { end?: () => void } = {}
    const stand = await startStand(['a'], () => new Promise<void>((resolve) => (under.end = resolve)))
    await vi.waitFor(() => {
      expect(stand.calls).toHaveLength(1)
    })

    const closed = vi.fn()
    const closing = stand.source.close().then(closed)
    await send(stand, ['b'])
    const closedBefore = closed.mock.calls.length
    under.end?.()
    await closing

    expect(closedBefore).toBe(0)
    expect(stand.calls).toEqual([['a']])
    expect(await countMessages(stand)).toBe(1)
  })

  it('goes on after a poll that failed', async () => {
    const faults: Fault[] = [{ operation: 'ReceiveMessage', kind: 'throttled', when: 'before', calls: { next: 2 } }]
    const stand = await startStand(['a'], () => null, { faults })

    await vi.waitFor(() => {
      expect(stand.calls).toEqual([['a']])
    })

    expect(stand.failures).toEqual(Array(2).fill({ messageIds: [], reason: 'ReceiveMessage: RequestThrottled' }))
  })

  it('says which messages it could not delete', async () => {
    const faults: Fault[] = [{ operation: 'DeleteMessageBatch', kind: 'throttled', when: 'before', calls: { nth: 1 } }]
    const stand = await startStand(['a'], () => null, { faults })
    await vi.waitFor(() => {
      expect(stand.calls).toHaveLength(1)
    })

    await stand.source.close()

    const messageIds = [expect.any(String) as string]
    expect(stand.failures).toEqual([{ messageIds, reason: 'DeleteMessageBatch: RequestThrottled' }])
    expect(await countMessages(stand)).toBe(1)
  })

  it.each([
    [{ batchSize: 0 }, 'batchSize is 0, and has to be 1 to 10'],
    [{ batchSize: 11 }, 'batchSize is 11, and has to be 1 to 10'],
    [{ maximumConcurrency: 1 }, 'maximumConcurrency is 1, and has to be 2 to 1000'],
    [{ maximumConcurrency: 1001 }, 'maximumConcurrency is 1001, and has to be 2 to 1000'],
  ])('refuses %o', async (options, message) => {
    await expect(startStand(['a'], () => null, options)).rejects.toThrow(new RangeError(message))
  })

  it('refuses a queue that does not exist', async () => {
    const started = startStand(['a'], () => null, { queueUrl: 'http://127.0.0.1/123456789012/absent' })

    expect(await refusal(started)).toMatch(/^QueueDoesNotExist/)
  })
})
