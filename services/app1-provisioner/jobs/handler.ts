// The composition root of jobs: environment, SDK clients, adapters, app. The only file here with effects at import.
import { setTimeout as sleep } from 'node:timers/promises'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KMSClient } from '@aws-sdk/client-kms'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SQSClient } from '@aws-sdk/client-sqs'
import { awsClientOptions } from '#shared/aws/aws-client-options.ts'
import { sendOnce } from '#shared/aws/send-once.ts'
import { createLambdaHandler, warmUp, type LambdaHandler } from '#shared/http/lambda-handler.ts'
import { createPowertoolsLogger } from '#shared/powertools-logger.ts'
import { createBackOff } from '../job-store/back-off.ts'
import { createDataKeyMaker } from '../job-store/data-keys.ts'
import { createJobQueue } from '../job-store/job-queue.ts'
import { createJobTable } from '../job-store/job-table.ts'
import { createRowTable } from '../job-store/row-table.ts'
import { createMachine } from '../machine/select-machine.ts'
import { createApp2Client } from '../app2-client.ts'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'

const config = readConfig(process.env)
const logger = createPowertoolsLogger('jobs')
const now = Date.now

const clientOptions = { ...awsClientOptions, region: config.region }
const secretsManager = new SecretsManagerClient(clientOptions)
const dynamo = new DynamoDBClient(clientOptions)
// The URL of a queue is a name, and no place to send to.
const sqs = new SQSClient({ ...clientOptions, useQueueUrlAsEndpoint: false })

const { table, queueUrl, keyArn } = config.store
const backOff = createBackOff({ sleep, random: Math.random })

const app = createApp({
  now,
  logger,
  allowedCallers: config.allowedCallers,
  passwordReaders: config.passwordReaders,
  machine: createMachine(config, { secretsManager, send: sendOnce, now, logger }),
  app2: createApp2Client({ baseUrl: config.app2Url }),
  jobs: createJobTable({ dynamo, table }),
  rows: createRowTable({ dynamo, table, backOff }),
  queue: createJobQueue({ sqs, queueUrl, backOff, logger }),
  makeDataKey: createDataKeyMaker({ kms: new KMSClient(clientOptions), keyArn }),
})

export const handler: LambdaHandler = createLambdaHandler(app, logger)

await warmUp(handler)
