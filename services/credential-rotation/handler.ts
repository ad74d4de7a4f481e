// The rotation function's composition root: environment, SDK clients, adapters. The only file here with effects at import.
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { setTimeout as sleep } from 'node:timers/promises'
import { awsClientOptions, unrepeatedCallOptions } from '#shared/aws/aws-client-options.ts'
import { sendOnce } from '#shared/aws/send-once.ts'
import { createPowertoolsLogger } from '#shared/powertools-logger.ts'
import { createAwsCredentials } from './aws-credentials.ts'
import { readConfig } from './config.ts'
import { createRotationHandler, type RotationHandler } from './rotation-handler.ts'
import { createSecretStore } from './secret-store.ts'

const config = readConfig(process.env)
const logger = createPowertoolsLogger('machine-credential-rotation')

const cognito = new CognitoIdentityProviderClient({ ...awsClientOptions, region: config.region })
const unrepeatedCognito = new CognitoIdentityProviderClient({ ...unrepeatedCallOptions, region: config.region })
const secretsManager = new SecretsManagerClient({ ...awsClientOptions, region: config.region })

export const handler: RotationHandler = createRotationHandler({
  secretArn: config.machineSecretArn,
  store: createSecretStore({ secretsManager, secretArn: config.machineSecretArn }),
  ...createAwsCredentials({ ...config, cognito, unrepeatedCognito, send: sendOnce, logger }),
  sleep,
  logger,
  now: Date.now,
})
