// The composition root of job-worker: environment, SDK clients, adapters, worker. The only file here with effects at import.
import { setTimeout as sleep } from 'node:timers/promises'
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KMSClient } from '@aws-sdk/client-kms'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SQSClient } from '@aws-sdk/client-sqs'
import { awsClientOptions } from '#shared/aws/aws-client-options.ts'
import { sendOnce } from '#shared/aws/send-once.ts'
import { createSealer } from '#shared/password-cipher/select-cipher.ts'
import { createPowertoolsLogger } from '#shared/powertools-logger.ts'
import { createApp2Client } from '../app2-client.ts'
import { createBackOff } from '../job-store/back-off.ts'
import { createDataKeyOpener, rememberDataKeys } from '../job-store/data-keys.ts'
import { createJobQueue } from '../job-store/job-queue.ts'
import { createJobTable } from '../job-store/job-table.ts'
import { rememberJobs } from '../job-store/remember-jobs.ts'
import { createRowTable } from '../job-store/row-table.ts'
import { createMachine } from '../machine/select-machine.ts'
import { provisionUser } from '../provision-user.ts'
import { readAccountLimit } from './account-limit.ts'
import { createAdmission, rateOf } from './admission.ts'
import { readConfig } from './config.ts'
import { createWorker, type Worker } from './worker.ts'

const config = readConfig(process.env)
const logger = createPowertoolsLogger('job-worker')
const now = Date.now
const { random } = Math

const clientOptions = { ...awsClientOptions, region: config.region }
const secretsManager = new SecretsManagerClient(clientOptions)
const dynamo = new DynamoDBClient(clientOptions)
// The URL of a queue is a name, and no place to send to.
const sqs = new SQSClient({ ...clientOptions, useQueueUrlAsEndpoint: false })
const kms = new KMSClient(clientOptions)
const cognito = new CognitoIdentityProviderClient(clientOptions)

const { table, queueUrl, keyArn } = config.store
const backOff = createBackOff({ sleep, random })
const jobs = createJobTable({ dynamo, table })

const provisioning = {
  machine: createMachine(config, { secretsManager, send: sendOnce, now, logger }),
  sealer: await createSealer(config, { now, logger }),
  app2: createApp2Client({ baseUrl: config.app2Url }),
}

const work = createWorker({
  now,
  sleep,
  random,
  logger,
  jobs,
  findJob: rememberJobs(jobs, now),
  rows: createRowTable({ dynamo, table, backOff }),
  queue: createJobQueue({ sqs, queueUrl, backOff, logger }),
  openDataKey: rememberDataKeys(createDataKeyOpener({ kms, keyArn })),
  // An instance that only sweeps does not ask Cognito.
  ...createAdmission({
    perSecond: async () => rateOf(config.pace, await readAccountLimit({ cognito, logger })),
    now,
    sleep,
  }),
  provision: (request, context) => provisionUser(request, provisioning, context),
})

export const handler: Worker = (event, context) => work(event, context)
