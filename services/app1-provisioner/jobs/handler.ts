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

const { app, human } = knowsApp2(process.env)
  ? await createLinkedApp()
  : { app: createAppWithoutApp2({ now, logger }), human: undefined }

export const handler: LambdaHandler = createLambdaHandler(app, logger)

await Promise.all([warmUp(handler), human?.verifier.warmUp()])

async function createLinkedApp() {
  const config = readConfig(process.env)
  const clientOptions = { ...awsClientOptions, region: config.region }
  const secretsManager = new SecretsManagerClient(clientOptions)
  const human = createHumanRules(config.human, { send: sendOnce, now, logger })
  const sealer = config.human && (await createSealer({ ...config, ...config.human }, { now, logger }))
  const seal = sealer && createEvidenceSealer(sealer, config.userPoolId)
  const app = createApp({
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
  return { app, human }
}
