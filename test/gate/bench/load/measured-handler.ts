// A function's own handler, in its own thread, which can also be asked how much heap the thread holds.
import type { LambdaHandler } from '../../../../infra/emulators/gateway/lambda-runtime.ts'
import { handlerVariable, heapQuestion } from './heap-question.ts'
import { heldHeapBytes } from './held-heap.ts'

const { handler: own } = (await import(process.env[handlerVariable] ?? '')) as { handler: LambdaHandler }

export const handler = (event: unknown, context: unknown): unknown =>
  event === heapQuestion ? heldHeapBytes() : (own as (event: unknown, context: unknown) => unknown)(event, context)
