// The life of one function instance, which a test can end between two of its steps; a dead one does nothing any more.
import { LambdaFunctionError, type LambdaFunction } from '../../../infra/emulators/gateway/lambda-function.ts'

export type Life = {
  /** `call`, or for ever nothing once the instance is dead: neither its answer nor its failure is ever seen. */
  guard<T>(call: () => Promise<T>): Promise<T>
  /** `lambda`, whose callers learn at once when the instance dies, as API Gateway does. */
  bind(lambda: LambdaFunction): LambdaFunction
  isOver(): boolean
  end(): void
}

export function createLife(): Life {
  let over = false
  const isOver = (): boolean => over
  let announce: (() => void) | undefined
  const death = new Promise<void>((resolve) => {
    announce = resolve
  })
  const never = new Promise<never>(() => undefined)

  const exit = death.then((): never => {
    throw new LambdaFunctionError({ errorType: 'Runtime.ExitError', errorMessage: 'the runtime exited' })
  })
  // Nobody may be waiting when it dies.
  exit.catch(() => undefined)

  return {
    async guard(call) {
      const answered = isOver() ? never : call()
      // Settled one way or the other, it is too late for the news if the instance has died meanwhile.
      await answered.catch(() => undefined)
      return isOver() ? never : answered
    },
    bind: (lambda) => async (event) => Promise.race([lambda(event), exit]),
    isOver,
    end() {
      over = true
      announce?.()
    },
  }
}
