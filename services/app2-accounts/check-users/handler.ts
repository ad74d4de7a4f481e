// check-users' composition root. The only file here with effects at import.
import { setTimeout as sleep } from 'node:timers/promises'
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { awsClientOptions } from '#shared/aws/aws-client-options.ts'
import { createCallerReader } from '#shared/http/access-source.ts'
import { createLambdaHandler, warmUp, type LambdaHandler } from '#shared/http/lambda-handler.ts'
import { createPowertoolsLogger } from '#shared/powertools-logger.ts'
import { createTokenBucket } from '#shared/time/token-bucket.ts'
import { createApp } from './app.ts'
import { createCognitoDirectory } from './cognito-directory.ts'
import { readConfig } from './config.ts'

const config = readConfig(process.env)
const logger = createPowertoolsLogger('app2-check-users')
const now = Date.now

const cognito = new CognitoIdentityProviderClient({ ...awsClientOptions, region: config.region })

const app = createApp({
  now,
  logger,
  readCaller: createCallerReader(config.access, { now }),
  directory: createCognitoDirectory({ cognito, userPoolId: config.userPoolId }),
  passwordReaders: config.passwordReaders,
  // Cognito's UserRead is 120 a second for the whole account, of which manage-users and others need a part. Without a burst
  // of a second's worth, the first second would have twice as many.
  pace: createTokenBucket({ perSecond: 80, burst: 20, now }),
  sleep,
})

export const handler: LambdaHandler = createLambdaHandler(app, logger)

await warmUp(handler)
