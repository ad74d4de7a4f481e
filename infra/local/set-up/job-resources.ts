// Makes DynamoDB's and SQS's CloudFormation resource types by SDK calls; loaded where there are jobs, and nowhere else.
import {
  CreateTableCommand,
  DynamoDBClient,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  type CreateTableCommandInput,
} from '@aws-sdk/client-dynamodb'
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import * as z from 'zod/mini'
import { clientOptionsOf, type ClientOptions } from '../aws-clients.ts'
import { present, resourceType, type ResourceType } from './resource-type.ts'

export type JobClients = { readonly dynamo: DynamoDBClient; readonly sqs: SQSClient }

export function createJobClients(options: ClientOptions): JobClients {
  const clientOptions = clientOptionsOf(options)
  return {
    dynamo: new DynamoDBClient(clientOptions),
    sqs: new SQSClient({
      ...clientOptions,
      // A long poll of an empty queue takes 20 s.
      requestHandler: { ...clientOptions.requestHandler, requestTimeout: 25_000 },
      // The URL of a queue is a name, and no place to send to.
      useQueueUrlAsEndpoint: false,
    }),
  }
}

type TableProperties = Pick<CreateTableCommandInput, 'AttributeDefinitions' | 'KeySchema' | 'LocalSecondaryIndexes'>

/** As DynamoDB itself takes them, which looks closer. */
const asDynamoDbHasIt = z.array(z.unknown())

export function jobResourceTypes({ dynamo, sqs }: JobClients): Readonly<Record<string, ResourceType>> {
  return {
    'AWS::DynamoDB::Table': resourceType(
      z.strictObject({
        BillingMode: z.literal('PAY_PER_REQUEST'),
        AttributeDefinitions: asDynamoDbHasIt,
        KeySchema: asDynamoDbHasIt,
        LocalSecondaryIndexes: asDynamoDbHasIt,
        TimeToLiveSpecification: z.strictObject({ AttributeName: z.string(), Enabled: z.literal(true) }),
      }),
      async ({ BillingMode, TimeToLiveSpecification, ...properties }, { stackName, logicalId }) => {
        const TableName = `${stackName}-${logicalId}`
        await dynamo.send(
          new CreateTableCommand({ TableName, BillingMode, ...(properties as unknown as TableProperties) }),
        )
        await waitUntilTableExists({ client: dynamo, maxWaitTime: 30, minDelay: 1 }, { TableName })
        await dynamo.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }))
        return { ref: TableName, attributes: {} }
      },
      // What protects a table in AWS and is not to be had, or seen, on one machine.
      { passedOver: ['SSESpecification', 'PointInTimeRecoverySpecification'] },
    ),
    'AWS::SQS::Queue': resourceType(
      z.strictObject({
        QueueName: z.string(),
        VisibilityTimeout: z.optional(z.int()),
        MessageRetentionPeriod: z.optional(z.int()),
        RedrivePolicy: z.optional(z.record(z.string(), z.unknown())),
      }),
      async ({ QueueName, ...given }) => {
        const Attributes = Object.fromEntries(
          Object.entries(given).flatMap(([name, value]) =>
            value === undefined ? [] : [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]],
          ),
        )
        const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))
        const ref = present(QueueUrl, 'QueueUrl')
        const { Attributes: made } = await sqs.send(
          new GetQueueAttributesCommand({ QueueUrl: ref, AttributeNames: ['QueueArn'] }),
        )
        return { ref, attributes: { Arn: present(made?.QueueArn, 'QueueArn') } }
      },
      { passedOver: ['SqsManagedSseEnabled', 'RedriveAllowPolicy'] },
    ),
  }
}
