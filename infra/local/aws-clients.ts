// The SDK clients of whoever sets a pair up and looks into it, for one endpoint; they take no credentials of their own accord.
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { KMSClient } from '@aws-sdk/client-kms'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { awsClientOptions } from '#shared/aws/aws-client-options.ts'
import type { Clients } from './set-up/resource-type.ts'

/** `environment` holds the credentials, under the names that AWS's own tools read. */
export type ClientOptions = {
  readonly endpoint: string
  readonly region: string
  readonly environment: Readonly<Record<string, string>>
}

type SdkOptions = typeof awsClientOptions &
  Omit<ClientOptions, 'environment'> & {
    readonly credentials: {
      readonly accessKeyId: string
      readonly secretAccessKey: string
      readonly sessionToken?: string
    }
  }

/** What every client of the endpoint is made with. */
export function clientOptionsOf({ environment, ...where }: ClientOptions): SdkOptions {
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '', AWS_SESSION_TOKEN } = environment
  const credentials = {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN !== undefined && { sessionToken: AWS_SESSION_TOKEN }),
  }
  return { ...awsClientOptions, ...where, credentials }
}

export function createAwsClients(options: ClientOptions): Clients {
  const clientOptions = clientOptionsOf(options)
  return {
    cognito: new CognitoIdentityProviderClient(clientOptions),
    kms: new KMSClient(clientOptions),
    secrets: new SecretsManagerClient(clientOptions),
  }
}
