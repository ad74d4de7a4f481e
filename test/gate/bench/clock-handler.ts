// A function's own handler, in its own thread, whose clock can be set ahead; only a benchmark starts one.
import type { LambdaHandler } from '../../../infra/emulators/gateway/lambda-runtime.ts'
import { clockHandlerVariable, clockQuestion } from './clock-question.ts'

const realNow = Date.now
let aheadMs = 0
// Before the handler is composed, which keeps a reference to it.
Date.now = () => realNow() + aheadMs

const { handler: own } = (await import(process.env[clockHandlerVariable] ?? '')) as { handler: LambdaHandler }

type Context = { readonly getRemainingTimeInMillis: () => number }

export const handler = (event: unknown, context: Context): unknown => {
  if (typeof event === 'object' && event !== null && clockQuestion in event) {
    aheadMs = Number(event[clockQuestion])
    return aheadMs
  }
  // The runtime takes the remaining time from the clock that was set ahead, and the limit from the real one.
  const remaining = (): number => context.getRemainingTimeInMillis() + aheadMs
  return (own as (event: unknown, context: unknown) => unknown)(event, {
    ...context,
    getRemainingTimeInMillis: remaining,
  })
}
