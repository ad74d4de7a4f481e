// Puts the pair together on one machine: AWS or an emulator of it, the gateways, the real handlers.
import type { Jwks } from 'aws-jwt-verify/jwk'
import { identityValidationExpression } from '#services/app2-accounts/authorizer/bearer-token.ts'
import { issuerOf } from '#shared/aws/issuer.ts'
import { routes, type App1Function, type App2Function } from '#shared/routes.ts'
import { isLoopback } from '#shared/env.ts'
import { createAwsClients, type ClientOptions } from './aws-clients.ts'
import { gatewayResponses } from '../deploy/gateway-responses.ts'
import { authorizationFor, hasRotation, type FunctionName, type PairModes } from '../deploy/modes.ts'
import type { LocalAwsOptions } from '../emulators/aws/server.ts'
import { localTokenEndpoint } from '../emulators/aws/token-endpoint-handler.ts'
import { functionEnvironments } from './function-environments.ts'
import { startHttpApi, type HttpRoute } from '../emulators/gateway/http-api.ts'
import { inWorker, type LambdaFunction, type WorkerFunction } from '../emulators/gateway/lambda-function.ts'
import { startRestApi, type RestApiOptions, type RestRoute } from '../emulators/gateway/rest-api.ts'
import type { SigningCredential } from '../emulators/gateway/signing-credential.ts'
import { makeHumanPool, type HumanPool } from './human-pool.ts'
import { newLocalSigner, sessionArn } from './local-signers.ts'
import { openAws } from './pair-aws.ts'
import { awsCredentials, toEnvironment, type App2Signers } from './pair-credentials.ts'
import { authorizerTtlSeconds, choosePairModes, jobPace, type JobPace, type PairModeOptions } from './pair-modes.ts'
import { openMachineSecret, secretsOfMachine } from './two-accounts.ts'
import { applyTemplates, type Provisioned } from './set-up/apply-templates.ts'
import { makeMachineCredentials } from './set-up/make-machine-credentials.ts'
import type { Clients } from './set-up/resource-type.ts'

export type Pair = {
  readonly modes: PairModes
  readonly accounts: { readonly app1: string; readonly app2: string }
  readonly app1Url: string
  readonly app2Url: string
  readonly awsUrl: string
  readonly provisioned: Provisioned
  /** Clients of an operator, with the same endpoint and credentials that the functions use. */
  readonly clients: Clients
  /** Where requests to App1 have to be signed: who may all, who may read alone, and who is not on its list. */
  readonly signers: Readonly<Record<'caller' | 'reader' | 'stranger', SigningCredential>> | undefined
  /** Where App1 authenticates by its role, with `sigv4` and `sts-token`. */
  readonly app2Signers: App2Signers | undefined
  /**
   * With what the role reads that passwords are delivered to, and one that reads none. Undefined where none is generated,
   * and at an AWS that knows no such role.
   */
  readonly readers: Readonly<Record<'worker' | 'stranger', SigningCredential>> | undefined
  /** Where the humans behind creations come from, if the pair was asked for some. */
  readonly people: HumanPool | undefined
  close(): Promise<void>
}

export type PairOptions = PairModeOptions & {
  /** Whether requests to App1 have to be signed. Absent or false: all of them count as the allowed caller's. */
  readonly iam?: boolean
  /** AWS or an emulator of it; absent: our own is started. */
  readonly awsEndpoint?: string | undefined
  readonly localAws?: Omit<LocalAwsOptions, 'port'>
  /** With `sts-token` at a local AWS that somebody else started: whom it gives tokens, and as which issuer. */
  readonly sts?: { readonly issuer: string; readonly signers: App2Signers }
  /** Whether App1 and App2 live in an account each, of the local AWS that the pair starts; without jobs. */
  readonly twoAccounts?: boolean
  /** As deployed when absent. */
  readonly jobPace?: JobPace
  /** What the gateways' caches and signatures go by, in epoch milliseconds; the real time when absent. */
  readonly now?: () => number
  /** 0 or absent: a free port. */
  readonly ports?: { readonly app1?: number; readonly app2?: number; readonly aws?: number }
  readonly onStep?: (step: string) => void
  /** Every line that a function prints. */
  readonly onOutput?: (line: string) => void
  /** How a function is brought up; absent: in a thread of its own, with its own environment. */
  readonly startFunction?: (definition: FunctionDefinition) => WorkerFunction
}

export type { FunctionName }

export type FunctionDefinition = {
  readonly name: FunctionName
  readonly handlerModule: URL
  /** All that the function finds in its environment. */
  readonly environment: Readonly<Record<string, string>>
  readonly timeoutMs: number
}

export const region = 'us-east-1'

type Stoppable = { close(): Promise<void> }

/**
 * Starts everything and waits until it serves. On a failure, what was started is stopped again. Rejects with RangeError
 * for modes that exclude each other.
 */
export async function startPair(options: PairOptions = {}): Promise<Pair> {
  const { onStep = () => undefined, ports = {}, now = Date.now } = options
  const { workers, sweepMs } = options.jobPace ?? jobPace
  const { human, twoAccounts = false } = options
  const ownModes = choosePairModes(options)
  const credentials = awsCredentials(options.awsEndpoint)
  const started: Stoppable[] = []
  const keep = <T extends Stoppable>(part: T): T => {
    started.unshift(part)
    return part
  }
  const close = async (): Promise<void> => {
    for (const part of started.splice(0)) await part.close()
  }
  try {
    const aws = keep(await openAws(options, ownModes, { credentials, region }))
    const { url: awsUrl, accounts, app2Signers, readers, stsIssuer } = aws
    onStep(`AWS at ${awsUrl}`)

    const where = { endpoint: awsUrl, region, environment: credentials }
    const clients = createAwsClients(where)
    const people = human && (await makeHumanPool(clients.cognito))
    // Its id is known now, and with it the issuer.
    const modes: PairModes = people
      ? { ...ownModes, human: { ...human, issuers: [people.entry, ...(human.issuers ?? [])].join(',') } }
      : ownModes
    const ofJobs = modes.jobs ? await loadJobs(where) : undefined
    const made = await applyTemplates({
      ...clients,
      ...(twoAccounts && { secrets: secretsOfMachine(modes, clients, where) }),
      region,
      templatesFolder: new URL('../templates/', import.meta.url),
      choice: modes,
      ...(ofJobs && { moreTypes: ofJobs.resourceTypes }),
      // A domain is a host of its own at AWS alone; every emulator on this machine is taken for our own.
      ...(isLoopback(new URL(awsUrl)) && { tokenEndpointOf: (domain) => localTokenEndpoint(awsUrl, domain) }),
    })
    const provisioned = { ...made, ...(stsIssuer !== undefined && { stsIssuer }) }
    await makeMachineCredentials({ ...clients, provisioned })
    if (twoAccounts) await openMachineSecret(clients, modes, provisioned.machineSecretArn)
    onStep(`user pool, clients, key and secret made from infra/templates/, for ${modes.accepted.join(' and ')}`)

    const functions = functionEnvironments(
      provisioned,
      modes,
      { AWS_ENDPOINT_URL: awsUrl, ...credentials },
      options.jobPace,
    )
    const startFunction =
      options.startFunction ??
      ((definition) => inWorker({ ...definition, ...(options.onOutput && { onOutput: options.onOutput }) }))
    const start = (name: FunctionName, environment = functions[name]): WorkerFunction =>
      keep(
        startFunction({
          name,
          handlerModule: new URL(`../../services/${handlerFolders[name]}/handler.ts`, import.meta.url),
          environment,
          timeoutMs: timeoutsMs[name],
        }),
      )

    const { local } = aws
    if (local && hasRotation(modes)) {
      let rotation: WorkerFunction | undefined
      local.setRotation(provisioned.machineSecretArn, {
        arn: `arn:aws:lambda:${region}:${local.accountId}:function:machine-credential-rotation`,
        // A rotation is rare: its function starts when there is one.
        invoke: (event) => (rotation ??= start('machine-credential-rotation')).invoke(event),
      })
    }

    const app2 = keep(
      await startRestApi({
        gatewayResponses: gatewayResponses(),
        now,
        port: ports.app2 ?? 0,
        routes: app2Routes(modes, {
          'create-user': start('create-user').invoke,
          'manage-users': start('manage-users').invoke,
          sample: start('sample').invoke,
          ...(modes.jobs && { 'check-users': start('check-users').invoke }),
        }),
        ...(app2Signers && modes.machineAuth === 'sigv4' && { credentials: Object.values(app2Signers) }),
        ...(modes.app2Authorizer === 'cognito'
          ? { userPool: userPoolOf(provisioned, awsUrl) }
          : {
              authorizer: {
                function: start('authorizer').invoke,
                identityValidationExpression,
                ttlSeconds: authorizerTtlSeconds,
              },
            }),
      }),
    )
    onStep(`App2 at ${app2.url}`)

    const startOfApp1 = (name: 'app1-provisioner' | 'jobs' | 'job-worker') =>
      start(name, {
        ...functions[name],
        ...(app2Signers && toEnvironment(app2Signers.provisioner)),
        ...(twoAccounts && { APP2_ACCOUNT: 'other' }),
        APP2_URL: app2.url,
      }).invoke
    const app1Functions = {
      'app1-provisioner': startOfApp1('app1-provisioner'),
      ...(modes.jobs && { jobs: startOfApp1('jobs') }),
    }
    const signers = options.iam
      ? { caller: newLocalSigner('caller'), reader: newLocalSigner('reader'), stranger: newLocalSigner('stranger') }
      : undefined
    const app1 = keep(
      await startHttpApi({
        now,
        port: ports.app1 ?? 0,
        callerArn: signers ? null : sessionArn('caller'),
        ...(signers && { credentials: Object.values(signers) }),
        routes: app1Routes(app1Functions),
      }),
    )
    onStep(`App1 at ${app1.url}`)
    if (ofJobs && provisioned.jobs) {
      const { queueUrl } = provisioned.jobs
      const instances = Array.from({ length: workers }, () => startOfApp1('job-worker'))
      keep(await ofJobs.startJobWork({ instances, sqs: ofJobs.clients.sqs, queueUrl, sweepMs }))
      onStep('jobs are worked off')
    }

    const urls = { app1Url: app1.url, app2Url: app2.url, awsUrl }
    return { modes, accounts, ...urls, provisioned, clients, signers, app2Signers, readers, people, close }
  } catch (error) {
    await close()
    throw error
  }
}

const handlerFolders = {
  'app1-provisioner': 'app1-provisioner',
  jobs: 'app1-provisioner/jobs',
  'job-worker': 'app1-provisioner/job-worker',
  'check-users': 'app2-accounts/check-users',
  'create-user': 'app2-accounts/create-user',
  'manage-users': 'app2-accounts/manage-users',
  sample: 'app2-accounts/sample',
  authorizer: 'app2-accounts/authorizer',
  'machine-credential-rotation': 'credential-rotation',
} as const satisfies Record<FunctionName, string>

/** App1 waits for App2, so it has the longest time; API Gateway itself gives up after 29 s. */
const timeoutsMs = {
  'app1-provisioner': 29_000,
  jobs: 29_000,
  'job-worker': 60_000,
  'check-users': 25_000,
  'create-user': 25_000,
  'manage-users': 25_000,
  sample: 10_000,
  authorizer: 5_000,
  'machine-credential-rotation': 60_000,
} as const satisfies Record<FunctionName, number>

/** Its packages are loaded where there are jobs alone. */
async function loadJobs(where: ClientOptions) {
  const [{ createJobClients, jobResourceTypes }, { startJobWork }] = await Promise.all([
    import('./set-up/job-resources.ts'),
    import('./job-work.ts'),
  ])
  const clients = createJobClients(where)
  return { clients, resourceTypes: jobResourceTypes(clients), startJobWork }
}

/** The routes of App1 that `functions` serve. */
function app1Routes(functions: Readonly<Partial<Record<App1Function, LambdaFunction>>>): HttpRoute[] {
  return routes.app1.flatMap(({ method, path, function: name = 'app1-provisioner' }) => {
    const served = functions[name]
    return served === undefined ? [] : [{ method, path, function: served }]
  })
}

/** The routes of App2 that `functions` serve, each with its own, and gated exactly where the table says so. */
export function app2Routes(
  modes: PairModes,
  functions: Readonly<Partial<Record<App2Function, LambdaFunction>>>,
): RestRoute[] {
  return routes.app2.flatMap((route) => {
    const served = functions[route.function]
    const { method, path } = route
    return served === undefined
      ? []
      : [{ method, path, authorization: authorizationFor(route, modes), function: served }]
  })
}

/** Tokens carry the issuer that AWS would write, wherever the pool's keys are. */
function userPoolOf({ userPoolId }: Provisioned, awsUrl: string): NonNullable<RestApiOptions['userPool']> {
  const fetchJwks = async (): Promise<Jwks> => {
    const response = await fetch(`${awsUrl}/${userPoolId}/.well-known/jwks.json`, { redirect: 'error' })
    return (await response.json()) as Jwks
  }
  return { issuer: issuerOf(userPoolId), fetchJwks }
}
