// Which implementation of AWS the contract suite speaks to, and the clients for it; this machine gets made-up credentials.
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { KMSClient } from '@aws-sdk/client-kms'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SQSClient } from '@aws-sdk/client-sqs'
import type { Clients } from '#infra/local/set-up/resource-type.ts'
import { isLoopback } from '#shared/env.ts'
import { isImplementation, type Implementation } from '../known-differences/implementations.ts'

/** Held to its own table of known differences; undefined for one that has to keep each statement. */
export const implementation = readImplementation(process.env['CONTRACT_IMPLEMENTATION'])

function readImplementation(name: string | undefined): Implementation | undefined {
  if (name === undefined || isImplementation(name)) return name
  throw new Error('CONTRACT_IMPLEMENTATION names no implementation that has a table of known differences')
}

export type Aws = Clients & {
  readonly region: string
  /** Base of what is fetched without the SDK: the keys of a pool. */
  readonly endpoint: string
  /** Has no credentials at all, for the calls that need none. */
  readonly anonymousCognito: CognitoIdentityProviderClient
  readonly close: () => Promise<void>
}

/** The endpoint of `CONTRACT_ENDPOINT`; without it, a local AWS of its own that ends with `close`. */
export async function connectToAws(): Promise<Aws> {
  const located = await locateAws()
  const options = clientOptions(located)
  const noCredentials = { credentials: () => Promise.reject(new Error('this call is to need no credentials')) }
  const cognito = new CognitoIdentityProviderClient(options)
  const anonymousCognito = new CognitoIdentityProviderClient({ ...options, ...noCredentials })
  const kms = new KMSClient(options)
  const secrets = new SecretsManagerClient(options)
  const close = async (): Promise<void> => {
    for (const client of [cognito, anonymousCognito, kms, secrets]) client.destroy()
    await located.stop()
  }
  const { endpoint, region } = located
  return { endpoint, region, cognito, anonymousCognito, kms, secrets, close }
}

export type Tables = { readonly dynamodb: DynamoDBClient; readonly close: () => Promise<void> }

/** As connectToAws(), for DynamoDB. */
export async function connectToTables(): Promise<Tables> {
  const located = await locateAws({ tables: true })
  const dynamodb = new DynamoDBClient(clientOptions(located))
  return { dynamodb, close: () => closeAll(dynamodb, located) }
}

export type Queues = { readonly sqs: SQSClient; readonly close: () => Promise<void> }

/** As connectToAws(), for SQS. */
export async function connectToQueues(): Promise<Queues> {
  const located = await locateAws({ queues: true })
  const sqs = new SQSClient(clientOptions(located))
  return { sqs, close: () => closeAll(sqs, located) }
}

type LocatedAws = { readonly endpoint: string; readonly region: string; readonly stop: () => Promise<void> }

async function locateAws(options: { readonly tables?: boolean; readonly queues?: boolean } = {}): Promise<LocatedAws> {
  const endpoint = process.env['CONTRACT_ENDPOINT']
  const region = process.env['AWS_REGION'] ?? 'us-east-1'
  if (endpoint !== undefined) return { endpoint, region, stop: () => Promise.resolve() }
  const { startLocalAws } = await import('../../../infra/emulators/aws/server.ts')
  const localAws = await startLocalAws({ region, ...options })
  return { endpoint: localAws.url, region, stop: () => localAws.close() }
}

/** Real credentials are looked up, by the SDK, only for an endpoint elsewhere. */
function clientOptions({ endpoint, region }: LocatedAws) {
  const madeUp = { credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }
  return { endpoint, region, ...(isLoopback(new URL(endpoint)) && madeUp) }
}

async function closeAll(client: { destroy(): void }, { stop }: LocatedAws): Promise<void> {
  client.destroy()
  await stop()
}
