// Starts local AWS with DynamoDB and SQS for one test, with a table, a queue and real SDK clients.
import { CreateTableCommand, DynamoDBClient, waitUntilTableExists } from '@aws-sdk/client-dynamodb'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient, type Message } from '@aws-sdk/client-sqs'
import { onTestFinished } from 'vitest'
import { startLocalAws, type LocalAws, type LocalAwsOptions } from '../../aws/server.ts'

export const TableName = 'rows'

export type TablesAndQueues = {
  readonly aws: LocalAws
  readonly dynamodb: DynamoDBClient
  readonly sqs: SQSClient
  readonly queueUrl: string
}

/** One attempt per call: what is tested is the server's answer, not the SDK's patience with it. */
export async function startTablesAndQueues(
  options: { readonly aws?: LocalAwsOptions; readonly queueAttributes?: Record<string, string> } = {},
): Promise<TablesAndQueues> {
  const aws = await startLocalAws({ tables: true, queues: true, ...options.aws })
  const client = {
    endpoint: aws.url,
    region: aws.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  }
  const dynamodb = new DynamoDBClient(client)
  const sqs = new SQSClient(client)
  onTestFinished(async () => {
    dynamodb.destroy()
    sqs.destroy()
    await aws.close()
  })
  await dynamodb.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  )
  await waitUntilTableExists({ client: dynamodb, maxWaitTime: 5, minDelay: 0.005, maxDelay: 0.01 }, { TableName })
  const { QueueUrl = '' } = await sqs.send(
    new CreateQueueCommand({ QueueName: 'work', Attributes: options.queueAttributes ?? {} }),
  )
  return { aws, dynamodb, sqs, queueUrl: QueueUrl }
}

export async function receive(
  { sqs, queueUrl }: Pick<TablesAndQueues, 'sqs' | 'queueUrl'>,
  WaitTimeSeconds = 0,
): Promise<Message[]> {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: 10,
      WaitTimeSeconds,
      MessageSystemAttributeNames: ['All'],
    }),
  )
  return Messages
}
