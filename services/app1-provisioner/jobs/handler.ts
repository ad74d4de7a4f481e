// The composition root of jobs: environment, SDK clients, adapters, app. The only file here with effects at import.
import { KMSClient } from '@aws-sdk/client-kms'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { awsClientOptions } from '#shared/aws/aws-client-options.ts'
import { sendOnce } from '#shared/aws/send-once.ts'
import { createLambdaHandler, warmUp, type LambdaHandler } from '#shared/http/lambda-handler.ts'
import { createHumanRules } from '#shared/human/human-verifier.ts'
import { createEvidenceSealer } from '#shared/human/job-evidence.ts'
import { createSealer } from '#shared/password-cipher/select-cipher.ts'
import { createPowertoolsLogger } from '#shared/powertools-logger.ts'
import { createDataKeyMaker } from '../job-store/data-keys.ts'
import { openJobStore } from '../job-store/open-job-store.ts'
import { createMachine } from '../machine/select-machine.ts'
import { createAppWithoutApp2, knowsApp2, sealAcrossAccounts } from '../app2-account.ts'
import { createApp2Client } from '../app2-client.ts'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'

const logger = createPowertoolsLogger('jobs')
const now = Date.now

const app = knowsApp2(process.env) ? await createLinkedApp() : createAppWithoutApp2({ now, logger })

export const handler: LambdaHandler = createLambdaHandler(app, logger)

await warmUp(handler)

async function createLinkedApp(): Promise<ReturnType<typeof createApp>> {
  const config = readConfig(process.env)
  const clientOptions = { ...awsClientOptions, region: config.region }
  const secretsManager = new SecretsManagerClient(clientOptions)
  const human = createHumanRules(config.human, { send: sendOnce, now, logger })
  const [sealer] = await Promise.all([
    config.human && createSealer({ ...config, ...config.human }, { now, logger }),
    human?.verifier.warmUp(),
  ])
  const seal = sealer && createEvidenceSealer(sealer, config.userPoolId)
  return createApp({
    now,
    logger,
    allowedCallers: config.allowedCallers,
    passwordReaders: config.passwordReaders,
    human,
    sealEvidence: config.app2Account === 'other' ? seal && sealAcrossAccounts(seal) : seal,
    machine: createMachine(config, { secretsManager, send: sendOnce, now, logger }),
    app2: createApp2Client({ baseUrl: config.app2Url }),
    ...openJobStore(config, { logger }),
    makeDataKey: createDataKeyMaker({ kms: new KMSClient(clientOptions), keyArn: config.store.keyArn }),
  })
}
