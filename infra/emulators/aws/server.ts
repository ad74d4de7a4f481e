// Local AWS: Cognito, KMS, Secrets Manager, a little of STS and, when asked for, DynamoDB and SQS on one loopback port, for
// SDKs and the AWS command line; never for a network.
//
// What it holds lives in memory and ends with it. Signatures of requests are not verified (see json-protocol.ts): who
// can reach the port may call everything, which is why there is no option for another address than 127.0.0.1.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCallHandler } from './call-handler.ts'
import { createCallLog, type Call } from './call-log.ts'
import { createCognito } from './cognito/cognito.ts'
import { createCognitoState } from './cognito/state.ts'
import { planFaults, type Fault } from './faults.ts'
import type { Service } from './operation.ts'
import { createKeySetHandler, discoveryOperation, keySetOperation } from './key-set-handler.ts'
import { createKms } from './kms/kms.ts'
import { createPrincipals, type PrincipalOption } from './principal.ts'
import { enforceQuotas } from './quotas.ts'
import { createSecretsManager } from './secrets-manager/secrets-manager.ts'
import type { RotationFunction } from './secrets-manager/rotation.ts'
import { createSts } from './sts/sts.ts'
import { createTokenIssuers } from './sts/token-issuers.ts'
import { createTokenEndpointHandler, isTokenEndpoint, tokenEndpointOperation } from './token-endpoint-handler.ts'

export type LocalAwsOptions = {
  /** 0, the default, takes a free one. */
  readonly port?: number
  /** Milliseconds since the epoch; tokens, lock-outs, lags and quotas go by it, latency by real time. */
  readonly now?: () => number
  readonly region?: string
  readonly accountId?: string
  /**
   * A principal by the access key id of its session; every other key is the account's own. A role reads a secret where the
   * secret's policy or an identity policy that is given allows it, and from another account where both do. Only for secrets and
   * tokens of STS identity policies are asked.
   */
  readonly principals?: ReadonlyMap<string, PrincipalOption>
  /** The accounts in which IAM's outbound federation is enabled at the start; none, as in a new account. */
  readonly webIdentityAccounts?: readonly string[]
  /** Of the organisation that all accounts are in; absent: they are in none. */
  readonly organizationId?: string
  /** What every call waits before it takes effect. */
  readonly latencyMs?: number
  /** The request quotas of Cognito and Secrets Manager, times this; without it there are none. */
  readonly quotaScale?: number
  readonly faults?: readonly Fault[]
  /** For so long after AdminCreateUser every other operation says that there is no such user. */
  readonly readAfterWriteLagMs?: number
  /** ListUsers cuts its pages before it applies the filter: they are short, or empty, though others follow. */
  readonly shortPages?: boolean
  /** DynamoDB, which is loaded only then. */
  readonly tables?: boolean
  /** SQS, which is loaded only then. It needs Node 22.5. */
  readonly queues?: boolean
}

export type LocalAws = {
  readonly url: string
  readonly region: string
  readonly accountId: string
  /**
   * Every call of a known operation since the start, in the order of arrival; key sets are there as `JWKS`, and requests to a
   * token endpoint as `TokenEndpoint`.
   */
  readonly calls: readonly Call[]
  /** Replaces all faults and begins to count anew. */
  setFaults(faults: readonly Fault[]): void
  /** Puts fresh quotas of that scale in place of those that there are; undefined lifts them. */
  setQuotaScale(scale: number | undefined): void
  /** Switches a secret's rotation on: RotateSecret calls this function from now on. */
  setRotation(secretId: string, rotationFunction: RotationFunction): void
  /**
   * Enables IAM's outbound federation, so that the account's roles get tokens of STS, and says their issuer. Its key set is at
   * `<url>/<host of the issuer>/.well-known/jwks.json`, also where the account is disabled again.
   */
  enableWebIdentity(accountId: string): string
  disableWebIdentity(accountId: string): void
  /** While stopped, every key set answers 503. */
  stopServingKeys(stopped: boolean): void
  /** Ends open connections and frees the port. */
  close(): Promise<void>
}

/** Rejects with the system's EADDRINUSE error when the port is taken, and with RangeError for an impossible fault or principal. */
export async function startLocalAws(options: LocalAwsOptions = {}): Promise<LocalAws> {
  const { port = 0, now = Date.now, region = 'us-east-1', accountId = '123456789012', latencyMs = 0 } = options
  const { readAfterWriteLagMs = 0, shortPages = false } = options
  const cognito = createCognitoState({ region, accountId, now, readAfterWriteLagMs, shortPages })
  const secretsManager = createSecretsManager({ region, accountId, now })
  const issuers = createTokenIssuers(options.webIdentityAccounts ?? [])
  let quotaScale = options.quotaScale
  let url = ''
  const services: Service[] = [
    createCognito(cognito, () => quotaScale ?? 1),
    createKms({ region, accountId, now }),
    secretsManager,
    createSts({ region, now, issuers, organizationId: options.organizationId }),
  ]
  if (options.tables) {
    const { createDynamoDb } = await import('./dynamodb/dynamodb.ts')
    services.push(createDynamoDb({ region, accountId }))
  }
  if (options.queues) {
    const { createSqs } = await import('./sqs/sqs.ts')
    services.push(createSqs({ region, accountId, origin: () => url }))
  }
  const operations = services.flatMap((service) => Object.keys(service.operations))
  const knownOperations = new Set([keySetOperation, discoveryOperation, tokenEndpointOperation, ...operations])
  const batchOperations = new Set(
    services
      .flatMap((service) => Object.entries(service.operations))
      .flatMap(([name, { runHalf }]) => (runHalf === undefined ? [] : [name])),
  )
  const log = createCallLog(now)
  const planOf = (faults: readonly Fault[]) => planFaults({ faults, knownOperations, batchOperations })
  let planCall = planOf(options.faults ?? [])
  const quotasOf = (scale: number | undefined): ((operation: string) => boolean) =>
    scale === undefined ? () => true : enforceQuotas({ scale, now })
  let admits = quotasOf(quotaScale)
  let keysStopped = false

  const shared = { log, latencyMs, planCall: (operation: string) => planCall(operation) }
  const handleCall = createCallHandler({
    ...shared,
    services,
    admits: (operation) => admits(operation),
    principalOf: createPrincipals({ accountId, roles: options.principals ?? new Map() }),
  })
  const handleKeySet = createKeySetHandler({
    ...shared,
    isStopped: () => keysStopped,
    state: cognito,
    issuers,
  })

  const handleTokenRequest = createTokenEndpointHandler({
    ...shared,
    state: cognito,
    admits: (operation) => admits(operation),
  })

  const server = createServer((request, response) => {
    const handlePlain = request.method === 'GET' ? handleKeySet : handleCall
    const handle = isTokenEndpoint(request) ? handleTokenRequest : handlePlain
    void handle(request, response)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address() as AddressInfo
  url = `http://127.0.0.1:${address.port}`

  return {
    url,
    region,
    accountId,
    calls: log.calls,
    setFaults: (faults) => {
      planCall = planOf(faults)
    },
    setQuotaScale: (scale) => {
      quotaScale = scale
      admits = quotasOf(scale)
    },
    setRotation: (secretId, rotationFunction) => {
      secretsManager.setRotation(secretId, rotationFunction)
    },
    enableWebIdentity: (id) => {
      issuers.enable(id)
      return issuers.issuerOf(id).url
    },
    disableWebIdentity: (id) => {
      issuers.disable(id)
    },
    stopServingKeys: (stopped) => {
      keysStopped = stopped
    },
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
