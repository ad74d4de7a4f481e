// The pair's functions from their own `createApp`, whose SDK clients can be made impatient; each function can be made to crash.
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { KMSClient } from '@aws-sdk/client-kms'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { ConfiguredRetryStrategy } from '@smithy/core/retry'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import { setTimeout as sleep } from 'node:timers/promises'
import { inProcess, type LambdaFunction } from '../../../infra/emulators/gateway/lambda-function.ts'
import type { Provisioned } from '#infra/local/set-up/apply-templates.ts'
import { createApp as createApp1 } from '#services/app1-provisioner/app.ts'
import { createApp2Client } from '#services/app1-provisioner/app2-client.ts'
import type { AllowedCaller } from '#services/app1-provisioner/caller.ts'
import { createApp2Transport } from '#services/app1-provisioner/app2-transport.ts'
import { createBearerMachine } from '#services/app1-provisioner/machine/machine.ts'
import { createMachineSecretSource, passwordCredentials } from '#services/app1-provisioner/machine/machine-secret.ts'
import { createMachineTokenSource } from '#services/app1-provisioner/machine/machine-token.ts'
import { createPasswordSignIn } from '#services/app1-provisioner/machine/password-sign-in.ts'
import { createSignInBreaker, knownVersions } from '#services/app1-provisioner/machine/sign-in-breaker.ts'
import { createTokenAuthorizer } from '#services/app2-accounts/authorizer/authorize.ts'
import { readConfig } from '#services/app2-accounts/authorizer/config.ts'
import { sendOnce, type SendOnce } from '#shared/aws/send-once.ts'
import { createJwksFetcher } from '#shared/jwt/fetch-jwks.ts'
import { createTokenVerifier } from '#services/app2-accounts/authorizer/token-verifier.ts'
import { createApp as createApp2 } from '#services/app2-accounts/create-user/app.ts'
import { createCognitoDirectory } from '#services/app2-accounts/create-user/cognito-directory.ts'
import { createApp as createManageUsers } from '#services/app2-accounts/manage-users/app.ts'
import { createCognitoDirectory as createManagedDirectory } from '#services/app2-accounts/manage-users/cognito-directory.ts'
import { awsClientOptions } from '#shared/aws/aws-client-options.ts'
import type { PasswordDelivery } from '#shared/aws/password-delivery.ts'
import { createPasswordSecrets } from '#shared/aws/password-secrets.ts'
import { createSignInFacts } from '#shared/aws/sign-in-facts.ts'
import { createAuthorizerReader } from '#shared/http/gateway-callers.ts'
import { createLambdaHandler } from '#shared/http/lambda-handler.ts'
import type { Logger } from '#shared/logger.ts'
import { createKmsOpener } from '#shared/password-cipher/kms-opener.ts'
import { createKmsSealer } from '#shared/password-cipher/kms-sealer.ts'
import { createQueue } from '#shared/time/queue.ts'
import { createTokenBucket } from '#shared/time/token-bucket.ts'
import { createCrashSwitch } from './crash-switch.ts'
import type { PlayedFunction } from './operations.ts'

/** One function: an instance that is warm from the second request on, and a new one after a crash. */
export type CrashableFunction = {
  readonly invoke: LambdaFunction
  crash(): void
  /** How long each attempt of an AWS call may take from now on. */
  setAttemptMs(ms: number): void
  close(): void
}

export type PairFunctions = Readonly<Record<PlayedFunction, CrashableFunction>>

export type FunctionsOptions = {
  readonly awsUrl: string
  readonly app2Url: string
  readonly provisioned: Provisioned
  readonly allowedCallers: readonly AllowedCaller[]
  readonly readers: readonly string[]
  readonly now: () => number
  readonly logger: Logger
  /** App1's way to App2, so that a connection can be refused. */
  readonly sendToApp2: SendOnce
  /** How long an invocation that begins now may take. */
  readonly timeoutMs: (name: PlayedFunction) => number
}

const retryDelayMs = 3
/** How much faster than in production it waits for a user to become visible. */
const sleepsFasterBy = 50

type Guard = <T>(call: () => Promise<T>) => Promise<T>
/** `http` carries all its AWS calls. */
type Instance = { readonly lambda: LambdaFunction; readonly http?: NodeHttpHandler }

export function createFunctions(options: FunctionsOptions): PairFunctions {
  return {
    'app1-provisioner': crashable((guard) => startApp1(options, guard)),
    'create-user': crashable((guard) => startCreateUser(options, guard)),
    'manage-users': crashable((guard) => startManageUsers(options, guard)),
    authorizer: crashable((guard) => startAuthorizer(options, guard)),
  }
}

function crashable(start: (guard: Guard) => Instance): CrashableFunction {
  const instances: Instance[] = []
  const bring = (): { crashSwitch: ReturnType<typeof createCrashSwitch>; invoke: LambdaFunction } => {
    const crashSwitch = createCrashSwitch()
    const instance = start((call) => crashSwitch.guard(call))
    instances.push(instance)
    return { crashSwitch, invoke: crashSwitch.bind(instance.lambda) }
  }
  let current = bring()
  return {
    invoke: (event) => {
      if (current.crashSwitch.hasCrashed()) current = bring()
      return current.invoke(event)
    },
    crash: () => {
      current.crashSwitch.crash()
    },
    setAttemptMs: (ms) => {
      for (const { http } of instances) http?.updateHttpClientConfig('requestTimeout', ms)
    },
    close: () => {
      for (const { http } of instances) http?.destroy()
    },
  }
}

function startApp1(options: FunctionsOptions, guard: Guard): Instance {
  const { now, logger, provisioned } = options
  const { http, cognito, kms, secretsManager } = createClients(options, { guard, signsIn: true })
  const secrets = createMachineSecretSource({
    secretsManager,
    secretArn: provisioned.machineSecretArn,
    stored: passwordCredentials,
    now,
    logger,
  })
  const tokens = createMachineTokenSource({
    secrets,
    signIn: createPasswordSignIn({ cognito, logger }),
    breaker: createSignInBreaker({ versions: knownVersions(), now, logger }),
    queue: createQueue(),
    now,
    logger,
  })
  const app = createApp1({
    now,
    logger,
    allowedCallers: options.allowedCallers,
    machine: createBearerMachine({
      secrets,
      tokensFor: () => tokens,
      send: createApp2Transport({ send: (request) => guard(() => options.sendToApp2(request)) }),
    }),
    sealer: createKmsSealer({ kms, keyArn: provisioned.passwordKeyArn, audience: provisioned.userPoolId, now }),
    app2: createApp2Client({ baseUrl: new URL(options.app2Url) }),
  })
  return { lambda: toLambda(createLambdaHandler(app, logger), 'app1-provisioner', options), http }
}

function startCreateUser(options: FunctionsOptions, guard: Guard): Instance {
  const { now, logger, provisioned } = options
  const { http, cognito, kms, secretsManager } = createClients(options, { guard, signsIn: false })
  const app = createApp2({
    now,
    readCaller: createAuthorizerReader([]),
    logger,
    opener: createKmsOpener({ kms, keyArn: provisioned.passwordKeyArn, audience: provisioned.userPoolId, now }),
    directory: createCognitoDirectory({ cognito, userPoolId: provisioned.userPoolId }),
    delivery: createDelivery(options, { cognito, secretsManager }),
    admission: createTokenBucket({ perSecond: 1_000, now }),
    sleep: (ms) => guard(() => sleep(ms / sleepsFasterBy)),
  })
  return { lambda: toLambda(createLambdaHandler(app, logger), 'create-user', options), http }
}

function startManageUsers(options: FunctionsOptions, guard: Guard): Instance {
  const { now, logger, provisioned } = options
  const { http, cognito, kms, secretsManager } = createClients(options, { guard, signsIn: false })
  const app = createManageUsers({
    now,
    readCaller: createAuthorizerReader([]),
    logger,
    opener: createKmsOpener({ kms, keyArn: provisioned.passwordKeyArn, audience: provisioned.userPoolId, now }),
    directory: createManagedDirectory({ cognito, userPoolId: provisioned.userPoolId }),
    delivery: createDelivery(options, { cognito, secretsManager }),
    admission: createTokenBucket({ perSecond: 1_000, now }),
    accessLastsMs: 0,
  })
  return { lambda: toLambda(createLambdaHandler(app, logger), 'manage-users', options), http }
}

/** As `createPasswordDelivery` makes it. */
function createDelivery(
  { now, provisioned, readers }: FunctionsOptions,
  { cognito, secretsManager }: { cognito: CognitoIdentityProviderClient; secretsManager: SecretsManagerClient },
): PasswordDelivery {
  const { userPoolId, region, serviceClientId: clientId, passwordSecretsPrefix: prefix } = provisioned
  const { passwordSecretsKeyArn: keyArn = '' } = provisioned
  const signInFacts = createSignInFacts({ cognito, userPoolId, region, clientId, now })
  return { readers, secrets: createPasswordSecrets({ secretsManager, prefix, keyArn, signInFacts, now }) }
}

function startAuthorizer(options: FunctionsOptions, guard: Guard): Instance {
  const { now, logger, provisioned } = options
  const { issuer, jwksUri, rules } = readConfig({
    USER_POOL_ID: provisioned.userPoolId,
    MACHINE_CLIENT_ID: provisioned.machineClientId,
    SERVICE_CLIENT_ID: provisioned.serviceClientId,
    AWS_ENDPOINT_URL: options.awsUrl,
  })
  const fetchJwks = createJwksFetcher({ send: (request) => guard(() => sendOnce(request)), jwksUri })
  const verifier = createTokenVerifier({ issuer, rules, fetchJwks, now, logger })
  return { lambda: toLambda(createTokenAuthorizer({ verifier, logger }), 'authorizer', options) }
}

function toLambda(
  handler: Parameters<typeof inProcess>[0],
  name: PlayedFunction,
  options: FunctionsOptions,
): LambdaFunction {
  return (event) => inProcess(handler, { name, timeoutMs: options.timeoutMs(name), now: options.now })(event)
}

/** As the composition roots make them. `signsIn`: a sign-in is not repeated by the SDK. */
function createClients(
  { awsUrl, provisioned: { region } }: FunctionsOptions,
  { guard, signsIn }: { readonly guard: Guard; readonly signsIn: boolean },
): {
  http: NodeHttpHandler
  cognito: CognitoIdentityProviderClient
  kms: KMSClient
  secretsManager: SecretsManagerClient
} {
  const http = new NodeHttpHandler(awsClientOptions.requestHandler)
  const options = {
    ...awsClientOptions,
    requestHandler: http,
    retryStrategy: new ConfiguredRetryStrategy(awsClientOptions.maxAttempts, retryDelayMs),
    region,
    endpoint: awsUrl,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  }
  // Behind the SDK's own retries, so that a crashed instance neither sends a call again nor learns what came of one.
  const place = { step: 'finalizeRequest', priority: 'low', name: 'crash' } as const
  const cognito = new CognitoIdentityProviderClient(
    signsIn ? { ...options, retryStrategy: new ConfiguredRetryStrategy(1, retryDelayMs) } : options,
  )
  cognito.middlewareStack.add((next) => (args) => guard(() => next(args)), place)
  const kms = new KMSClient(options)
  kms.middlewareStack.add((next) => (args) => guard(() => next(args)), place)
  const secretsManager = new SecretsManagerClient(options)
  secretsManager.middlewareStack.add((next) => (args) => guard(() => next(args)), place)
  return { http, cognito, kms, secretsManager }
}
