// Brings the pair's functions up in threads and knows whether they work; it changes no call and no answer.
import { setTimeout as sleep } from 'node:timers/promises'
import {
  inWorker,
  type LambdaFunction,
  type WorkerFunction,
} from '../../../../infra/emulators/gateway/lambda-function.ts'
import type { FunctionDefinition } from '../../../../infra/local/pair.ts'

export type MeasuredFunctions = {
  readonly start: (definition: FunctionDefinition) => WorkerFunction
  /** Resolves when no call is under way: not even one whose caller has hung up. */
  readonly idle: () => Promise<void>
}

export function createMeasuredFunctions(options: { readonly creationsPerSecond: number }): MeasuredFunctions {
  let underWay = 0

  const start = (definition: FunctionDefinition): WorkerFunction => {
    const worker = inWorker({
      ...definition,
      environment: {
        ...definition.environment,
        // The variable takes three decimals.
        ...(definition.name === 'create-user' && {
          CREATIONS_PER_SECOND: String(Number(options.creationsPerSecond.toFixed(3))),
        }),
      },
    })
    const invoke: LambdaFunction = async (event) => {
      underWay += 1
      try {
        return await worker.invoke(event)
      } finally {
        underWay -= 1
      }
    }
    return { invoke, close: () => worker.close() }
  }

  return {
    start,
    idle: async () => {
      while (underWay > 0) await sleep(20)
    },
  }
}
