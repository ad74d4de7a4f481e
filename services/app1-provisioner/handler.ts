// App1's composition root: environment, SDK clients, adapters, app. The only file here with effects at import.
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { awsClientOptions } from '../../shared/aws-client-options.ts'
import { createLambdaHandler, type LambdaHandler } from '../../shared/http/lambda-handler.ts'
import { createSealer } from '../../shared/password-cipher/select-sealer.ts'
import { createPowertoolsLogger } from '../../shared/powertools-logger.ts'
import { createApp2Client } from './app2-client.ts'
import { createApp } from './app.ts'
import { readConfig } from './config.ts'
import { createMachineSecretSource } from './machine-secret.ts'
import { createMachineTokenSource } from './machine-token.ts'
import { createPasswordSignIn } from './password-sign-in.ts'

const config = readConfig(process.env)
const logger = createPowertoolsLogger('app1-provisioner')
const now = Date.now

// A sign-in is not repeated by the SDK: of a lost answer nobody knows whether it counted as a failure.
const cognito = new CognitoIdentityProviderClient({ ...awsClientOptions, region: config.region, maxAttempts: 1 })
const secretsManager = new SecretsManagerClient({ ...awsClientOptions, region: config.region })

const secrets = createMachineSecretSource({ secretsManager, secretArn: config.machineSecretArn, now, logger })
const signIn = createPasswordSignIn({ cognito, logger })

const app = createApp({
  now,
  logger,
  allowedCallers: config.allowedCallers,
  secrets,
  tokens: createMachineTokenSource({
    secrets,
    signIn,
    now,
    logger,
  }),
  sealer: await createSealer(config, { now, logger }),
  app2: createApp2Client({ fetch, baseUrl: config.app2Url }),
})

export const handler: LambdaHandler = createLambdaHandler(app, logger)
