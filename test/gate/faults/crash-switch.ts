// Crashes one function instance between two of its steps, where a test asks for it; a crashed one does nothing any more.
import { LambdaFunctionError, type LambdaFunction } from '../../../infra/emulators/gateway/lambda-function.ts'

export type CrashSwitch = {
  /** `call`, or for ever nothing once the instance has crashed: neither its answer nor its failure is ever seen. */
  guard<T>(call: () => Promise<T>): Promise<T>
  /** `lambda`, whose callers learn at once when the instance crashes, as API Gateway does. */
  bind(lambda: LambdaFunction): LambdaFunction
  hasCrashed(): boolean
  crash(): void
}

export function createCrashSwitch(): CrashSwitch {
  let crashed = false
  const hasCrashed = (): boolean => crashed
  let announce: (() => void) | undefined
  const crashedOnce = new Promise<void>((resolve) => {
    announce = resolve
  })
  const never = new Promise<never>(() => undefined)

  const exit = crashedOnce.then((): never => {
    throw new LambdaFunctionError({ errorType: 'Runtime.ExitError', errorMessage: 'the runtime exited' })
  })
  // Nobody may be waiting when it crashes.
  exit.catch(() => undefined)

  return {
    async guard(call) {
      const answered = hasCrashed() ? never : call()
      // Settled one way or the other, it is too late for the news if the instance has crashed meanwhile.
      await answered.catch(() => undefined)
      return hasCrashed() ? never : answered
    },
    bind: (lambda) => async (event) => Promise.race([lambda(event), exit]),
    hasCrashed,
    crash() {
      crashed = true
      announce?.()
    },
  }
}
