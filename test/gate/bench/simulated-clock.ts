// The pair's functions in threads whose clocks run ahead together, so that an hour of tokens passes in seconds.
import { inWorker, type LambdaFunction, type WorkerFunction } from '../../../infra/emulators/gateway/lambda-function.ts'
import type { FunctionDefinition } from '../../../infra/local/pair.ts'
import { clockQuestion, clockHandlerVariable } from './clock-question.ts'

export type SimulatedClock = {
  readonly now: () => number
  /** For `startPair`. */
  readonly startFunction: (definition: FunctionDefinition) => WorkerFunction
  /** Moves the clock of this process and of every function forward. */
  advance(ms: number): Promise<void>
}

export function createSimulatedClock(): SimulatedClock {
  const functions: LambdaFunction[] = []
  let aheadMs = 0
  return {
    now: () => Date.now() + aheadMs,
    startFunction: (definition) => {
      const worker = inWorker({
        ...definition,
        handlerModule: new URL('./clock-handler.ts', import.meta.url),
        environment: { ...definition.environment, [clockHandlerVariable]: definition.handlerModule.href },
      })
      functions.push(worker.invoke)
      return worker
    },
    advance: async (ms) => {
      aheadMs += ms
      await Promise.all(functions.map((invoke) => invoke({ [clockQuestion]: aheadMs })))
    },
  }
}
