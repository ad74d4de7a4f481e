// The composition root of job-worker: environment, SDK clients, adapters, worker. The only file here with effects at import.
import { setTimeout as sleep } from 'node:timers/promises'
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { KMSClient } from '@aws-sdk/client-kms'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { awsClientOptions } from '#shared/aws/aws-client-options.ts'
import { sendOnce } from '#shared/aws/send-once.ts'
import { createSealer } from '#shared/password-cipher/select-cipher.ts'
import { createPowertoolsLogger } from '#shared/powertools-logger.ts'
import { createApp2Client } from '../app2-client.ts'
import { createDataKeyOpener, rememberDataKeys } from '../job-store/data-keys.ts'
import { rememberJobs } from '../job-store/remember-jobs.ts'
import { openJobStore } from '../job-store/open-job-store.ts'
import { createMachine } from '../machine/select-machine.ts'
import { provisionUser } from '../provision-user.ts'
import { readAccountLimit } from './account-limit.ts'
import { createAdmission, rateOf } from './admission.ts'
import { readConfig } from './config.ts'
import { createWorker, type Worker } from './worker.ts'

const config = readConfig(process.env)
const logger = createPowertoolsLogger('job-worker')
const now = Date.now

const clientOptions = { ...awsClientOptions, region: config.region }
const secretsManager = new SecretsManagerClient(clientOptions)
const kms = new KMSClient(clientOptions)
const cognito = new CognitoIdentityProviderClient(clientOptions)

const store = openJobStore(config, { logger })

const provisioning = {
  machine: createMachine(config, { secretsManager, send: sendOnce, now, logger }),
  sealer: await createSealer(config, { now, logger }),
  app2: createApp2Client({ baseUrl: config.app2Url }),
}

const work = createWorker({
  now,
  sleep,
  random: Math.random,
  logger,
  ...store,
  findJob: rememberJobs(store.jobs, now),
  openDataKey: rememberDataKeys(createDataKeyOpener({ kms, keyArn: config.store.keyArn })),
  // An instance that only sweeps does not ask Cognito.
  ...createAdmission({
    // The limit is that of the pool's account, which nobody tells another one.
    perSecond: async () =>
      rateOf(config.pace, config.app2Account === 'other' ? undefined : await readAccountLimit({ cognito, logger })),
    now,
    sleep,
  }),
  provision: (request, context) => provisionUser(request, provisioning, context),
})

export const handler: Worker = (event, context) => work(event, context)
