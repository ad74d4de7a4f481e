import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  type Message,
  type QueueAttributeName,
  type ReceiveMessageCommandInput,
} from '@aws-sdk/client-sqs'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { connectToQueues, type Queues } from './support/environment.ts'
import { uniqueName } from './support/pool.ts'
import { refusal, statement } from './support/statement.ts'

let queues: Queues | undefined
const made: string[] = []

function sqs(): Queues['sqs'] {
  if (queues === undefined) throw new Error('there are queues only while tests run')
  return queues.sqs
}

beforeAll(async () => {
  queues = await connectToQueues()
})

afterAll(async () => {
  for (const QueueUrl of made) await queues?.sqs.send(new DeleteQueueCommand({ QueueUrl }))
  await queues?.close()
})

async function createQueue(attributes: Partial<Record<QueueAttributeName, string>> = {}): Promise<string> {
  const QueueName = uniqueName('latchkey-contract')
  const { QueueUrl = '' } = await sqs().send(new CreateQueueCommand({ QueueName, Attributes: attributes }))
  made.push(QueueUrl)
  return QueueUrl
}

async function arnOf(QueueUrl: string): Promise<string> {
  const asked = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] })
  return (await sqs().send(asked)).Attributes?.QueueArn ?? ''
}

function sendBatch(QueueUrl: string, bodies: readonly string[]) {
  const Entries = bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody }))
  return sqs().send(new SendMessageBatchCommand({ QueueUrl, Entries }))
}

function send(QueueUrl: string, MessageBody: string) {
  return sqs().send(new SendMessageCommand({ QueueUrl, MessageBody }))
}

/** A long poll asks every server of the queue, so that it is empty only when the queue is. */
async function receive(QueueUrl: string, input: Partial<ReceiveMessageCommandInput> = {}): Promise<Message[]> {
  const { Messages = [] } = await sqs().send(
    new ReceiveMessageCommand({
      QueueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds: 5,
      MessageSystemAttributeNames: ['All'],
      ...input,
    }),
  )
  return Messages
}

async function receiveOne(QueueUrl: string): Promise<Message> {
  const [message] = await receive(QueueUrl)
  if (message === undefined) throw new Error('the queue gave no message')
  return message
}

function giveBack(QueueUrl: string, { ReceiptHandle }: Message): Promise<unknown> {
  return sqs().send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }))
}

/** However many calls it takes. */
async function receiveBodies(QueueUrl: string, count: number): Promise<string[]> {
  const bodies: string[] = []
  for (let calls = 0; bodies.length < count && calls < count; calls += 1) {
    bodies.push(...(await receive(QueueUrl)).map(({ Body = '' }) => Body))
  }
  return bodies.toSorted()
}

const tenBodies = Array.from({ length: 10 }, (_, index) => `row ${index}`)

describe('a batch of messages', () => {
  statement('SendMessageBatch takes 10 messages, and each is delivered', async () => {
    const queue = await createQueue()

    const { Successful = [], Failed = [] } = await sendBatch(queue, tenBodies)

    expect([Successful.length, Failed.length]).toEqual([10, 0])
    expect(await receiveBodies(queue, 10)).toEqual(tenBodies)
  })

  statement('SendMessageBatch of 11 messages is TooManyEntriesInBatchRequest, and none is sent', async () => {
    const queue = await createQueue()

    const name = await refusal(sendBatch(queue, [...tenBodies, 'row 10']))

    expect(name).toBe('TooManyEntriesInBatchRequest')
    expect(await receive(queue, { WaitTimeSeconds: 1 })).toEqual([])
  })

  statement('SendMessageBatch of one Id twice is BatchEntryIdsNotDistinct', async () => {
    const QueueUrl = await createQueue()
    const Entries = ['a', 'b'].map((MessageBody) => ({ Id: '1', MessageBody }))

    expect(await refusal(sqs().send(new SendMessageBatchCommand({ QueueUrl, Entries })))).toBe(
      'BatchEntryIdsNotDistinct',
    )
  })

  statement('DeleteMessageBatch takes messages out for good', async () => {
    const QueueUrl = await createQueue({ VisibilityTimeout: '1' })
    await send(QueueUrl, 'one')
    const { ReceiptHandle } = await receiveOne(QueueUrl)

    await sqs().send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: '1', ReceiptHandle }] }))

    expect(await receive(QueueUrl, { WaitTimeSeconds: 2 })).toEqual([])
  })
})

describe('a message', () => {
  statement('a message has its attributes, and of the system’s those that were asked for', async () => {
    const QueueUrl = await createQueue()
    const attribute = { DataType: 'String', StringValue: 'request-1' }
    const { MessageId } = await sqs().send(
      new SendMessageCommand({ QueueUrl, MessageBody: 'one', MessageAttributes: { requestId: attribute } }),
    )

    const [message] = await receive(QueueUrl, { MessageAttributeNames: ['All'] })

    expect(message).toMatchObject({
      MessageId,
      Body: 'one',
      MessageAttributes: { requestId: attribute },
      Attributes: {
        ApproximateReceiveCount: '1',
        SentTimestamp: expect.stringMatching(/^\d{13}$/) as string,
        ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/) as string,
      },
    })
  })

  statement('a long poll gives a message that is sent while it waits', async () => {
    const queue = await createQueue()

    const waiting = receive(queue, { WaitTimeSeconds: 10 })
    await send(queue, 'one')

    expect(await waiting).toMatchObject([{ Body: 'one' }])
  })

  statement('a message that is not deleted comes again after its visibility timeout, and is counted', async () => {
    const queue = await createQueue({ VisibilityTimeout: '1' })
    await send(queue, 'one')

    const first = await receiveOne(queue)
    const hidden = await receive(queue, { WaitTimeSeconds: 0 })
    const second = await receiveOne(queue)

    expect(hidden).toEqual([])
    expect(second.MessageId).toBe(first.MessageId)
    expect([first, second].map(({ Attributes }) => Attributes?.ApproximateReceiveCount)).toEqual(['1', '2'])
  })

  statement('ChangeMessageVisibility of 0 gives a message back at once', async () => {
    const queue = await createQueue({ VisibilityTimeout: '600' })
    await send(queue, 'one')
    await giveBack(queue, await receiveOne(queue))

    const { Attributes } = await receiveOne(queue)

    expect(Attributes?.ApproximateReceiveCount).toBe('2')
  })

  statement('a message that was received maxReceiveCount times goes to the dead-letter queue', async () => {
    const deadLetters = await createQueue()
    const deadLetterTargetArn = await arnOf(deadLetters)
    const queue = await createQueue({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 2 }) })
    const { MessageId } = await send(queue, 'one')

    for (let times = 0; times < 2; times += 1) await giveBack(queue, await receiveOne(queue))

    expect(await receive(queue, { WaitTimeSeconds: 1 })).toEqual([])
    expect(await receive(deadLetters)).toMatchObject([{ MessageId, Body: 'one' }])
  })
})

describe('a queue', () => {
  statement('GetQueueUrl finds a queue by its name, and GetQueueAttributes tells its ARN', async () => {
    const queue = await createQueue()
    const QueueName = queue.slice(queue.lastIndexOf('/') + 1)

    const { QueueUrl } = await sqs().send(new GetQueueUrlCommand({ QueueName }))

    expect(QueueUrl).toBe(queue)
    expect(await arnOf(queue)).toMatch(new RegExp(`^arn:aws:sqs:[a-z0-9-]+:\\d{12}:${QueueName}$`))
  })

  statement('GetQueueUrl of an absent queue is QueueDoesNotExist', async () => {
    expect(await refusal(sqs().send(new GetQueueUrlCommand({ QueueName: uniqueName('absent') })))).toBe(
      'QueueDoesNotExist',
    )
  })

  statement('a dead-letter queue is told as it was set', async () => {
    const policy = { deadLetterTargetArn: await arnOf(await createQueue()), maxReceiveCount: 5 }
    const QueueUrl = await createQueue({ RedrivePolicy: JSON.stringify(policy) })

    const { Attributes } = await sqs().send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['RedrivePolicy'] }),
    )

    expect(JSON.parse(Attributes?.RedrivePolicy ?? '{}')).toEqual(policy)
  })
})
