// The SDK clients of whoever sets a pair up and looks into it, for one endpoint; they take no credentials of their own accord.
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { KMSClient } from '@aws-sdk/client-kms'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { awsClientOptions } from '#shared/aws/aws-client-options.ts'
import type { Clients } from './set-up/resource-type.ts'

/** `environment` holds the credentials, under the names that AWS's own tools read. */
export function createAwsClients(options: {
  readonly endpoint: string
  readonly region: string
  readonly environment: Readonly<Record<string, string>>
}): Clients {
  const { environment, ...where } = options
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN } = environment
  const credentials = {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
  }
  const clientOptions = { ...awsClientOptions, ...where, credentials }
  return {
    cognito: new CognitoIdentityProviderClient(clientOptions),
    kms: new KMSClient(clientOptions),
    secrets: new SecretsManagerClient(clientOptions),
  }
}
