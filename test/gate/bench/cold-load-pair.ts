// The pair with its functions as they are deployed, each in a cold process when asked for, and the baselines beside them.
import { pathToFileURL } from 'node:url'
import { bundleFunctions } from '../../../infra/deploy/bundle/bundle.ts'
import { startLocalAws } from '../../../infra/emulators/aws/server.ts'
import { startPair, type FunctionDefinition, type FunctionName } from '../../../infra/local/pair.ts'
import { issuerOf } from '../../../shared/aws/issuer.ts'
import { httpEvent, restEvent } from '../../support/events.ts'
import { startColdProcess, type ColdFunction, type ColdProcess, type Processor } from './cold-process.ts'

/** A function, and a request that it answers for the first time. */
export type Subject = {
  readonly cold: ColdFunction
  readonly event: unknown
  /** Whether the answer to `event` is what it should be: a function that fails fast must not win. */
  readonly accepts: (answer: unknown) => boolean
}

/** The functions that take part in a creation, in the order of their first answers' ends. */
export const creators = ['authorizer', 'create-user', 'app1-provisioner'] as const satisfies readonly FunctionName[]

export type ColdCreation = {
  /** From the caller's request to App1 to its answer. */
  readonly wallMs: number
  readonly processes: Readonly<Record<(typeof creators)[number], ColdProcess>>
}

export type ColdPair = {
  readonly ours: Readonly<Record<(typeof creators)[number] | 'sample', Subject>>
  readonly baselines: Readonly<Record<'authorizer' | 'app1' | 'app2', Subject>>
  /** One creation, and `repeats` more, through processes that are cold at first; they are closed. */
  create(processor: Processor, repeats?: number): Promise<ColdCreation>
  close(): Promise<void>
}

/**
 * Bundles into `folder`. AWS and the gateways are emulated in this process, which no share holds back. The functions'
 * request is `GET /health`, which calls nothing; the authorizers' is the machine's token, for which keys are fetched
 * where they are not in hand. AWS takes `latencyMs` for every call.
 */
export async function startColdPair(folder: string, { latencyMs }: { readonly latencyMs: number }): Promise<ColdPair> {
  const bundles = new Map((await bundleFunctions({ outputFolder: folder })).map(({ name, file }) => [name, file]))
  const definitions = new Map<FunctionName, FunctionDefinition>()
  const running = new Map<FunctionName, ColdProcess>()
  const received = new Map<FunctionName, unknown>()
  await using started = new AsyncDisposableStack()
  const aws = await startLocalAws({ latencyMs })
  started.defer(() => aws.close())
  const pair = await startPair({
    awsEndpoint: aws.url,
    startFunction: (definition) => {
      const { name } = definition
      definitions.set(name, definition)
      return {
        invoke: async (event) => {
          received.set(name, event)
          return running.get(name)?.answer(event)
        },
        close: () => Promise.resolve(),
      }
    },
  })
  started.defer(() => pair.close())

  const ours = (name: FunctionName): ColdFunction => ({
    module: pathToFileURL(bundles.get(name) ?? ''),
    environment: definitions.get(name)?.environment ?? {},
  })
  let created = 0
  const create: ColdPair['create'] = async (processor, repeats = 0) => {
    const start = (name: FunctionName): Promise<ColdProcess> => startColdProcess(ours(name), processor)
    // One after another, so that each is initialised on a whole processor.
    const processes = {
      authorizer: await start('authorizer'),
      'create-user': await start('create-user'),
      'app1-provisioner': await start('app1-provisioner'),
    }
    for (const name of creators) running.set(name, processes[name])
    try {
      const startedAt = performance.now()
      await createUser(pair.app1Url, `cold-${(created += 1)}`)
      const wallMs = performance.now() - startedAt
      for (let index = 0; index < repeats; index += 1) {
        await createUser(pair.app1Url, `cold-${(created += 1)}`)
        // The gateway remembers the first decision.
        await processes.authorizer.answer(received.get('authorizer'))
      }
      return { wallMs, processes }
    } finally {
      for (const process of Object.values(processes)) await process.close()
    }
  }

  // For the token that App1 was given.
  await create({ memoryMb: Infinity })
  const token = { event: received.get('authorizer'), accepts: isAllowed }
  const health = {
    rest: { event: restEvent({ method: 'GET', resource: '/health' }), accepts: hasStatus200 },
    http: { event: httpEvent({ routeKey: 'GET /health' }), accepts: hasStatus200 },
  }
  const baseline = (name: string, environment: ColdFunction['environment']): ColdFunction => ({
    module: new URL(`./baseline/${name}.mjs`, import.meta.url),
    environment,
  })
  const app1 = ours('app1-provisioner')
  const { userPoolId } = pair.provisioned
  const whole = started.move()
  return {
    ours: {
      authorizer: { cold: ours('authorizer'), ...token },
      'app1-provisioner': { cold: app1, ...health.http },
      'create-user': { cold: ours('create-user'), ...health.rest },
      sample: { cold: ours('sample'), ...health.rest },
    },
    baselines: {
      authorizer: {
        cold: baseline('authorizer', {
          ISSUER: issuerOf(userPoolId),
          JWKS_URI: `${aws.url}/${userPoolId}/.well-known/jwks.json`,
        }),
        ...token,
      },
      app1: { cold: baseline('app1', app1.environment), ...health.http },
      app2: { cold: baseline('app2', app1.environment), ...health.rest },
    },
    create,
    close: () => whole.disposeAsync(),
  }
}

async function createUser(app1Url: string, username: string): Promise<void> {
  const response = await fetch(`${app1Url}/create-service-user`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: `Password-of-${username}`, human_user_id: 'bench' }),
  })
  if (response.status !== 201) throw new Error(`a creation was answered with ${response.status}`)
  await response.arrayBuffer()
}

function hasStatus200(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && 'statusCode' in answer && answer.statusCode === 200
}

function isAllowed(answer: unknown): boolean {
  return JSON.stringify(answer).includes('"Effect":"Allow"')
}
