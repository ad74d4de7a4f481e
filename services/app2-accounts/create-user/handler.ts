// create-user's composition root: the only code with permissions over users. The only file here with effects at import.
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { awsClientOptions } from '#shared/aws/aws-client-options.ts'
import { setTimeout as sleep } from 'node:timers/promises'
import { sendOnce } from '#shared/aws/send-once.ts'
import { createPasswordDelivery } from '#shared/aws/password-delivery.ts'
import { createCallerReader } from '#shared/http/access-source.ts'
import { createLambdaHandler, warmUp, type LambdaHandler } from '#shared/http/lambda-handler.ts'
import { createHumanRules } from '#shared/human/human-verifier.ts'
import { createEvidenceOpener } from '#shared/human/job-evidence.ts'
import { createOpener } from '#shared/password-cipher/select-cipher.ts'
import { createPowertoolsLogger } from '#shared/powertools-logger.ts'
import { createTokenBucket } from '#shared/time/token-bucket.ts'
import { createApp } from './app.ts'
import { createCognitoDirectory } from './cognito-directory.ts'
import { readConfig } from './config.ts'

const config = readConfig(process.env)
const logger = createPowertoolsLogger('app2-create-user')
const now = Date.now

const cognito = new CognitoIdentityProviderClient({ ...awsClientOptions, region: config.region })

const human = createHumanRules(config.human, { send: sendOnce, now, logger })

const opener = await createOpener(config, { now, logger })

const app = createApp({
  now,
  logger,
  human,
  readCaller: createCallerReader(config.access, { now }),
  bindsCreations: config.bindsCreations,
  opener,
  openEvidence: human && createEvidenceOpener(opener, config.userPoolId, now),
  directory: createCognitoDirectory({ cognito, userPoolId: config.userPoolId }),
  delivery: createPasswordDelivery(config.delivery, { ...config, cognito, now }),
  admission: createTokenBucket({ perSecond: config.creationsPerSecond, now }),
  sleep,
})

export const handler: LambdaHandler = createLambdaHandler(app, logger)

await Promise.all([warmUp(handler), human?.verifier.warmUp()])
