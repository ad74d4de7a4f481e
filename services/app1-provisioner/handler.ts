// App1's composition root: environment, SDK clients, adapters, app. The only file here with effects at import.
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { awsClientOptions } from '#shared/aws/aws-client-options.ts'
import { sendOnce } from '#shared/aws/send-once.ts'
import { createLambdaHandler, warmUp, type LambdaHandler } from '#shared/http/lambda-handler.ts'
import { createHumanRules } from '#shared/human/human-verifier.ts'
import { createSealer } from '#shared/password-cipher/select-cipher.ts'
import { createPowertoolsLogger } from '#shared/powertools-logger.ts'
import { createApp2Client } from './app2-client.ts'
import { createAppWithoutApp2, knowsApp2 } from './app2-account.ts'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'
import { createMachine } from './machine/select-machine.ts'

const logger = createPowertoolsLogger('app1-provisioner')
const now = Date.now

const { app, human } = knowsApp2(process.env)
  ? await createLinkedApp()
  : { app: createAppWithoutApp2({ now, logger }), human: undefined }

export const handler: LambdaHandler = createLambdaHandler(app, logger)

await Promise.all([warmUp(handler), human?.verifier.warmUp()])

async function createLinkedApp() {
  const config = readConfig(process.env)
  const secretsManager = new SecretsManagerClient({ ...awsClientOptions, region: config.region })
  const human = createHumanRules(config.human, { send: sendOnce, now, logger })
  const app = createApp({
    now,
    logger,
    allowedCallers: config.allowedCallers,
    hasDryRuns: config.hasDryRuns,
    human,
    machine: createMachine(config, { secretsManager, send: sendOnce, now, logger }),
    sealer: await createSealer(config, { now, logger }),
    app2: createApp2Client({ baseUrl: config.app2Url }),
  })
  return { app, human }
}
