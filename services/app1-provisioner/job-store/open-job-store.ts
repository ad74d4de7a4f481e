// Opens the store of jobs, table and queue, for the functions that work on it.
import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { SQSClient } from '@aws-sdk/client-sqs'
import { awsClientOptions } from '#shared/aws/aws-client-options.ts'
import type { Logger } from '#shared/logger.ts'
import { createBackOff } from './back-off.ts'
import { createJobQueue } from './job-queue.ts'
import type { JobQueue, JobTable, RowTable } from './job-store.ts'
import { createJobTable } from './job-table.ts'
import { createRowTable } from './row-table.ts'
import type { StoreConfig } from './store-variables.ts'

type JobStore = { readonly jobs: JobTable; readonly rows: RowTable; readonly queue: JobQueue }

/** Call it once, when the service starts: each call makes clients of DynamoDB and SQS. */
export function openJobStore(
  { region, store: { table, queueUrl } }: { readonly region: string; readonly store: StoreConfig },
  { logger }: { readonly logger: Logger },
): JobStore {
  const dynamo = new DynamoDBClient({ ...awsClientOptions, region })
  // The URL of a queue is a name, and no place to send to.
  const sqs = new SQSClient({ ...awsClientOptions, region, useQueueUrlAsEndpoint: false })
  const backOff = createBackOff({ sleep, random: Math.random })
  return {
    jobs: createJobTable({ dynamo, table }),
    rows: createRowTable({ dynamo, table, backOff }),
    queue: createJobQueue({ sqs, queueUrl, backOff, logger }),
  }
}
