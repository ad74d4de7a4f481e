// Makes serverless.yml servable through serverless-offline; it adds no route and opens none but App1's, which nobody guards here.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { bundleFunctions, type FunctionName } from '../bundle/bundle.ts'
import { planFile, type OfflinePlan } from './plan.ts'

/**
 * By the function's key in serverless.yml, and the file of this folder that stands between serverless-offline and it. The
 * rotation is not among them: nothing of API Gateway leads to it.
 */
const served = {
  app1Provisioner: { name: 'app1-provisioner', handler: 'app1-handler' },
  createUser: { name: 'create-user', handler: 'app2-handler' },
  sample: { name: 'sample', handler: 'app2-handler' },
  authorizer: { name: 'authorizer', handler: 'authorizer-handler' },
} as const satisfies Record<string, { name: FunctionName; handler: string }>

type Event = { readonly http?: unknown; readonly httpApi?: Readonly<Record<string, unknown>> }

type Definition = {
  readonly handler: string
  readonly environment?: Readonly<Record<string, unknown>>
  readonly events?: readonly Event[]
}

/** The part of the framework that is used here; it ships no types. */
export type Serverless = {
  readonly serviceDir: string
  readonly service: { functions: Record<string, Definition> }
}

export class OfflinePlugin {
  readonly hooks: Readonly<Record<string, () => Promise<void> | void>>

  constructor({ serviceDir, service }: Serverless) {
    this.hooks = {
      'before:offline:start:init': async () => {
        const plan = JSON.parse(await readFile(join(serviceDir, planFile), 'utf8')) as OfflinePlan
        const dist = join(serviceDir, 'dist')
        await bundleFunctions({ outputFolder: dist, names: Object.values(served).map(({ name }) => name) })
        service.functions = servedFunctions(service.functions, { plan, dist })
      },
      // Whoever started the framework prints what to paste, and ends it; without them it ends too.
      'after:offline:start:init': () => {
        process.once('disconnect', () => process.exit(1))
        process.send?.('serving')
      },
    }
  }
}

/**
 * The functions that API Gateway leads to, with values in the place of references, which serverless-offline does not
 * resolve. App1's routes lose their IAM authorizer, at which it breaks off.
 */
export function servedFunctions(
  functions: Readonly<Record<string, Definition>>,
  { plan, dist }: { readonly plan: OfflinePlan; readonly dist: string },
): Record<string, Definition> {
  return Object.fromEntries(
    Object.entries(served).map(([key, { name, handler }]) => {
      const definition = functions[key]
      if (definition === undefined) throw new Error(`serverless.yml has no function ${key}`)
      return [
        key,
        {
          ...definition,
          handler: `infra/offline/${handler}.handler`,
          environment: {
            ...plan.environments[name],
            BUNDLE: pathToFileURL(join(dist, name, 'handler.mjs')).href,
            ...(name === 'app1-provisioner' && { ...outsideLambda, STAND_IN_CALLER: plan.callerArn }),
          },
          events: (definition.events ?? []).map(withoutIam),
        },
      ]
    }),
  )
}

function withoutIam(event: Event): Event {
  return event.httpApi === undefined ? event : { httpApi: { ...event.httpApi, authorizer: undefined } }
}

/**
 * serverless-offline sets these as Lambda would. App1 goes by them: in Lambda it calls App2 by https alone, and there is
 * none here.
 */
const outsideLambda = { AWS_LAMBDA_FUNCTION_NAME: '', LAMBDA_TASK_ROOT: '' }

// The framework takes a plugin's default export.
export default OfflinePlugin
