import {
  BatchWriteItemCommand,
  DeleteTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
  type BatchWriteItemCommandInput,
  type DynamoDBClient,
} from '@aws-sdk/client-dynamodb'
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ListQueuesCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Fault } from '../../aws/faults.ts'
import { startLocalAws } from '../../aws/server.ts'
import { receive, startTablesAndQueues, TableName, type TablesAndQueues } from './tables-and-queues.ts'
import { post, refusal, startTestAws } from './test-aws.ts'

const Key = { id: { S: 'one' } }
const ReceiptHandle = 'handle'

type Send = (stand: TablesAndQueues) => Promise<unknown>

const putItem: Send = ({ dynamodb }) => dynamodb.send(new PutItemCommand({ TableName, Item: Key }))
const sendMessage: Send = ({ sqs, queueUrl }) =>
  sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'one' }))

async function isPut(dynamodb: DynamoDBClient): Promise<boolean> {
  return (await dynamodb.send(new GetItemCommand({ TableName, Key }))).Item !== undefined
}

const tableCalls: Readonly<Record<string, Send>> = {
  PutItem: putItem,
  UpdateItem: ({ dynamodb }) => dynamodb.send(new UpdateItemCommand({ TableName, Key })),
  GetItem: ({ dynamodb }) => dynamodb.send(new GetItemCommand({ TableName, Key })),
  Query: ({ dynamodb }) => dynamodb.send(new QueryCommand({ TableName })),
  BatchWriteItem: ({ dynamodb }) =>
    dynamodb.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item: Key } }] } })),
}

const queueCalls: Readonly<Record<string, Send>> = {
  SendMessage: sendMessage,
  SendMessageBatch: ({ sqs, queueUrl: QueueUrl }) =>
    sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: [{ Id: '1', MessageBody: 'one' }] })),
  ReceiveMessage: ({ sqs, queueUrl: QueueUrl }) => sqs.send(new ReceiveMessageCommand({ QueueUrl })),
  DeleteMessage: ({ sqs, queueUrl: QueueUrl }) => sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })),
  DeleteMessageBatch: ({ sqs, queueUrl: QueueUrl }) =>
    sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: '1', ReceiptHandle }] })),
  ChangeMessageVisibility: ({ sqs, queueUrl: QueueUrl }) =>
    sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })),
}

const faultNames = [
  ...Object.entries(tableCalls).map(([operation, send]) => ({
    operation,
    send,
    throttled: 'ProvisionedThroughputExceededException',
    internal: 'InternalServerError',
  })),
  ...Object.entries(queueCalls).map(([operation, send]) => ({
    operation,
    send,
    throttled: 'RequestThrottled',
    internal: 'InternalFailure',
  })),
  {
    operation: 'UpdateTimeToLive',
    send: setTimeToLive,
    throttled: 'ThrottlingException',
    internal: 'InternalServerError',
  },
]

function setTimeToLive({ dynamodb }: TablesAndQueues, AttributeName = 'expiresAt', Enabled = true): Promise<unknown> {
  const TimeToLiveSpecification = { AttributeName, Enabled }
  return dynamodb.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }))
}

describe('faults at DynamoDB and SQS', () => {
  it.each(faultNames)('$operation fails in the words of its service', async ({ operation, send, ...names }) => {
    const stand = await startTablesAndQueues()
    stand.aws.setFaults([
      { operation, kind: 'throttled', when: 'before', calls: { nth: 1 } },
      { operation, kind: 'internal_error', when: 'before', calls: { nth: 2 } },
      { operation, kind: 'access_denied', when: 'before', calls: { nth: 3 } },
    ])

    const answers = [await refusal(send(stand)), await refusal(send(stand)), await refusal(send(stand))]

    const expected = [names.throttled, names.internal, 'AccessDeniedException']
    expect(answers.map((answer) => answer.split(':', 1)[0])).toEqual(expected)
    expect(stand.aws.calls.slice(-3)).toMatchObject(expected.map((error) => ({ operation, error })))
  })

  it.each(['throttled', 'connection_reset'] as const)(
    '%s before the effect leaves nothing, after it everything',
    async (kind) => {
      const stand = await startTablesAndQueues()
      const failing = (when: 'before' | 'after') => {
        stand.aws.setFaults(
          ['PutItem', 'SendMessage'].map((operation) => ({ operation, kind, when, calls: { next: 1 } })),
        )
        return Promise.allSettled([putItem(stand), sendMessage(stand)])
      }
      const effects = async () => [await isPut(stand.dynamodb), (await receive(stand)).length]

      const before = await failing('before')
      const effectsBefore = await effects()
      const after = await failing('after')

      expect([...before, ...after].map(({ status }) => status)).toEqual(Array(4).fill('rejected'))
      expect(effectsBefore).toEqual([false, 0])
      expect(await effects()).toEqual([true, 1])
    },
  )
})

describe('a batch of which a part fails', () => {
  const partial = (operation: string): Fault => ({ operation, kind: 'partial', when: 'before', calls: { nth: 1 } })
  const Entries = ['1', '2', '3'].map((Id) => ({ Id, MessageBody: Id }))

  it('BatchWriteItem answers the requests that it has left, and they can be sent again', async () => {
    const { dynamodb } = await startTablesAndQueues({ aws: { faults: [partial('BatchWriteItem')] } })
    const requests = ['1', '2', '3'].map((id) => ({ PutRequest: { Item: { id: { S: id } } } }))
    const write = (RequestItems: BatchWriteItemCommandInput['RequestItems']) =>
      dynamodb.send(new BatchWriteItemCommand({ RequestItems }))
    const count = async () => (await dynamodb.send(new ScanCommand({ TableName }))).Count

    const { UnprocessedItems } = await write({ [TableName]: requests })
    const countBefore = await count()
    const again = await write(UnprocessedItems)

    expect(UnprocessedItems).toEqual({ [TableName]: requests.slice(2) })
    expect(again.UnprocessedItems).toEqual({})
    expect([countBefore, await count()]).toEqual([2, 3])
  })

  it('SendMessageBatch and DeleteMessageBatch name the entries that failed', async () => {
    const stand = await startTablesAndQueues()
    const { sqs, queueUrl: QueueUrl, aws } = stand
    aws.setFaults([partial('SendMessageBatch'), partial('DeleteMessageBatch')])

    const sent = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
    const received = await receive(stand)
    const deleted = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl,
        Entries: received.map(({ Body, ReceiptHandle }) => ({ Id: Body, ReceiptHandle })),
      }),
    )

    const failed = (Id: string) => [{ Id, SenderFault: false, Code: 'InternalError' }]
    expect(sent.Successful?.map(({ Id }) => Id)).toEqual(['1', '2'])
    expect(sent.Failed).toEqual(failed('3'))
    expect(received.map(({ Body }) => Body)).toEqual(['1', '2'])
    expect(deleted).toMatchObject({ Successful: [{ Id: '1' }], Failed: failed('2') })
  })
})

describe('DynamoDB and SQS on the wire', () => {
  const target = 'AmazonSQS.GetQueueUrl'
  const json10 = { 'content-type': 'application/x-amz-json-1.0' }

  it('they are there only where they are asked for', async () => {
    const { aws } = await startTestAws()

    const answers = [await post(aws, target), await post(aws, 'DynamoDB_20120810.ListTables')]

    expect(await Promise.all(answers.map((answer) => answer.json()))).toEqual(
      Array(2).fill({ __type: 'UnknownOperationException' }),
    )
  })

  it('they speak AWS JSON 1.0, and the other services 1.1', async () => {
    const { aws } = await startTablesAndQueues()

    const spoken = await post(aws, 'DynamoDB_20120810.ListTables', { headers: json10 })
    const refused = [
      await post(aws, 'DynamoDB_20120810.ListTables'),
      await post(aws, 'TrentService.CreateKey', { headers: json10 }),
    ]

    expect(spoken.headers.get('content-type')).toBe('application/x-amz-json-1.0')
    expect(await spoken.json()).toEqual({ TableNames: [TableName] })
    expect(refused.map(({ status }) => status)).toEqual([415, 415])
  })

  it('SQS tells the Query protocol’s name of an error too, DynamoDB has none', async () => {
    const { aws } = await startTablesAndQueues({
      aws: { faults: [{ operation: 'ListQueues', kind: 'internal_error', when: 'before', calls: { nth: 1 } }] },
    })

    const absent = await post(aws, target, { headers: json10, body: '{"QueueName":"absent"}' })
    const failed = await post(aws, 'AmazonSQS.ListQueues', { headers: json10 })
    const ofTable = await post(aws, 'DynamoDB_20120810.DescribeTable', {
      headers: json10,
      body: '{"TableName":"absent"}',
    })

    expect(await absent.json()).toMatchObject({ __type: 'QueueDoesNotExist' })
    expect([absent, failed, ofTable].map(({ headers }) => headers.get('x-amzn-query-error'))).toEqual([
      'AWS.SimpleQueueService.NonExistentQueue;Sender',
      'InternalFailure;Receiver',
      null,
    ])
  })

  it('a batch of messages may have a mebibyte, however much JSON makes of it', async () => {
    const { sqs, queueUrl } = await startTablesAndQueues()
    const Entries = [0, 1, 2, 3].map((id) => ({ Id: String(id), MessageBody: '"'.repeat(256 * 1024) }))

    const { Successful } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }))

    expect(Successful).toHaveLength(4)
  })

  it('a client that knows the address from its environment keeps to it', async () => {
    const { aws, queueUrl } = await startTablesAndQueues()
    const warned = vi.spyOn(console, 'warn')
    vi.stubEnv('AWS_ENDPOINT_URL', aws.url)
    const sqs = new SQSClient({
      region: aws.region,
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    })
    onTestFinished(() => {
      sqs.destroy()
    })

    await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'one' }))

    expect(await receive({ sqs, queueUrl })).toMatchObject([{ Body: 'one' }])
    expect(warned).not.toHaveBeenCalled()
  })
})

describe('names', () => {
  const where = { region: 'eu-central-1', accountId: '210987654321' }

  it('a queue has the address, region and account of local AWS, and so has its dead-letter queue', async () => {
    const { aws, sqs, queueUrl } = await startTablesAndQueues({ aws: where })
    const deadLetterTargetArn = 'arn:aws:sqs:eu-central-1:210987654321:work'
    const Attributes = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn, maxReceiveCount: 1 }) }
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'second', Attributes }))

    const listed = await sqs.send(new ListQueuesCommand({}))
    const told = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))

    expect(queueUrl).toBe(`${aws.url}/210987654321/work`)
    expect(listed.QueueUrls?.toSorted()).toEqual([`${aws.url}/210987654321/second`, queueUrl])
    expect(told.Attributes).toMatchObject({ QueueArn: 'arn:aws:sqs:eu-central-1:210987654321:second', ...Attributes })
  })

  it('a table has the region and account of local AWS, and an attribute of that name stays as it is', async () => {
    const { dynamodb } = await startTablesAndQueues({ aws: where })
    const Item = { ...Key, TableArn: { S: 'arn:aws:dynamodb:us-east-1:000000000000:table/rows' } }
    await dynamodb.send(new PutItemCommand({ TableName, Item }))

    const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }))

    expect(Table?.TableArn).toBe('arn:aws:dynamodb:eu-central-1:210987654321:table/rows')
    expect((await dynamodb.send(new GetItemCommand({ TableName, Key }))).Item).toEqual(Item)
  })
})

describe('the time to live of a table', () => {
  const describeTtl = async ({ dynamodb }: TablesAndQueues) =>
    (await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription

  it('is off, on by an attribute, and off again', async () => {
    const stand = await startTablesAndQueues()

    const told = [await describeTtl(stand)]
    await setTimeToLive(stand)
    told.push(await describeTtl(stand))
    await setTimeToLive(stand, 'expiresAt', false)
    told.push(await describeTtl(stand))

    const off = { TimeToLiveStatus: 'DISABLED' }
    expect(told).toEqual([off, { TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' }, off])
  })

  it('cannot be switched on twice, nor off by another attribute, nor for an absent table', async () => {
    const stand = await startTablesAndQueues()
    await setTimeToLive(stand)

    const twice = await refusal(setTimeToLive(stand))
    const other = await refusal(setTimeToLive(stand, 'other', false))
    await stand.dynamodb.send(new DeleteTableCommand({ TableName }))

    expect(twice).toBe('ValidationException: TimeToLive is already enabled')
    expect(other).toBe('ValidationException: TimeToLive is already disabled')
    await vi.waitFor(async () => {
      expect(await refusal(setTimeToLive(stand))).toMatch(/^ResourceNotFoundException/)
    })
  })
})

describe('a long poll', () => {
  it('whose caller is gone takes no message', async () => {
    const stand = await startTablesAndQueues()
    const giveUp = new AbortController()
    const poll = new ReceiveMessageCommand({ QueueUrl: stand.queueUrl, WaitTimeSeconds: 20 })
    const given = stand.sqs.send(poll, { abortSignal: giveUp.signal }).catch(() => 'given up')
    await vi.waitFor(() => {
      expect(stand.aws.calls.at(-1)?.operation).toBe('ReceiveMessage')
    })

    giveUp.abort()
    await given
    await vi.waitFor(() => {
      expect(stand.aws.calls.at(-1)?.endMs).toBeDefined()
    })
    await sendMessage(stand)

    expect(await receive(stand)).toMatchObject([{ Attributes: { ApproximateReceiveCount: '1' } }])
  })

  it('waits as long as the queue says where the call says nothing', async () => {
    const stand = await startTablesAndQueues({ queueAttributes: { ReceiveMessageWaitTimeSeconds: '20' } })

    const waiting = stand.sqs.send(new ReceiveMessageCommand({ QueueUrl: stand.queueUrl }))
    await sendMessage(stand)

    expect((await waiting).Messages).toHaveLength(1)
  })

  it('waits at most 20 seconds', async () => {
    expect(await refusal(receive(await startTablesAndQueues(), 21))).toMatch(/^InvalidParameterValue/)
  })

  it('ends with local AWS', async () => {
    const stand = await startTablesAndQueues()
    const cut = receive(stand, 20).catch(() => 'cut')
    await vi.waitFor(() => {
      expect(stand.aws.calls.at(-1)?.operation).toBe('ReceiveMessage')
    })

    await stand.aws.close()
    const again = await startLocalAws({ port: Number(new URL(stand.aws.url).port) })
    await again.close()

    expect(await cut).toBe('cut')
  })
})
