// A pair on one set of resources whose functions can be deployed anew, while its gateways and callers go on; in threads.
import { functionEnvironments } from '#infra/local/function-environments.ts'
import { inWorker, type WorkerFunction } from '../../infra/emulators/gateway/lambda-function.ts'
import { awsCredentials, toEnvironment } from '#infra/local/pair-credentials.ts'
import { choosePairModes, type PairModeOptions } from '#infra/local/pair-modes.ts'
import { startPair, type FunctionDefinition, type FunctionName, type Pair } from '#infra/local/pair.ts'

export type RedeployablePair = {
  readonly pair: Pair
  /** Calls a function past its gateway. */
  readonly invoke: (name: FunctionName, event: unknown) => Promise<unknown>
  /** From now on calls go to functions that are configured for these modes; those under way end where they began. */
  deploy(modes: PairModeOptions): void
  close(): Promise<void>
}

/** The resources are those of `options`; the functions are too, until something else is deployed. */
export async function startRedeployablePair(
  options: PairModeOptions & { readonly now: () => number },
): Promise<RedeployablePair> {
  const definitions = new Map<FunctionName, FunctionDefinition>()
  const current = new Map<FunctionName, WorkerFunction>()
  const started: WorkerFunction[] = []

  const put = (definition: FunctionDefinition): void => {
    const deployed = inWorker(definition)
    started.push(deployed)
    current.set(definition.name, deployed)
  }
  const invoke = async (name: FunctionName, event: unknown): Promise<unknown> => current.get(name)?.invoke(event)
  const pair = await startPair({
    ...options,
    startFunction: (definition) => {
      definitions.set(definition.name, definition)
      put(definition)
      return { invoke: (event) => invoke(definition.name, event), close: () => Promise.resolve() }
    },
  })

  return {
    pair,
    invoke,
    deploy: (modes) => {
      const aws = { AWS_ENDPOINT_URL: pair.awsUrl, ...awsCredentials(undefined) }
      const environments = functionEnvironments(pair.provisioned, choosePairModes(modes), aws)
      for (const [name, definition] of definitions) {
        const role = pair.app2Signers ? toEnvironment(pair.app2Signers.provisioner) : {}
        const own = name === 'app1-provisioner' ? { ...role, APP2_URL: pair.app2Url } : {}
        put({ ...definition, environment: { ...environments[name], ...own } })
      }
    },
    close: async () => {
      await pair.close()
      await Promise.all(started.map((each) => each.close()))
    },
  }
}
