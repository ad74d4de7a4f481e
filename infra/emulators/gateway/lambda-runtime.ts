// The inside of a Lambda function on this machine: runs a handler on a JSON event and words what it throws.
import type { MessagePort } from 'node:worker_threads'

/** What Lambda tells a handler of its call; the callback-era `done`, `fail` and `succeed` are gone since Node 24. */
export type LambdaContext = {
  readonly callbackWaitsForEmptyEventLoop: boolean
  readonly functionName: string
  readonly functionVersion: string
  readonly invokedFunctionArn: string
  readonly memoryLimitInMB: string
  readonly awsRequestId: string
  readonly logGroupName: string
  readonly logStreamName: string
  getRemainingTimeInMillis(): number
}

/** Any handler of an event and a context: each states what it expects, and an event is JSON to everybody else. */
export type LambdaHandler = (event: never, context: never) => unknown

/** How an error leaves a function: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
export type LambdaErrorShape = { readonly errorType: string; readonly errorMessage: string }

/** JSON text of what the handler returned, or what it threw. */
export type LambdaOutcome = { readonly result: string } | { readonly error: LambdaErrorShape }

/** `expiresAt` is when the call's time is over, in epoch milliseconds. */
export type Invocation = {
  readonly functionName: string
  readonly requestId: string
  readonly event: string
  readonly expiresAt: number
}

export type InvocationMessage = Invocation & { readonly id: number }
export type OutcomeMessage = { readonly id: number; readonly outcome: LambdaOutcome }

/** Sent once, when the module is loaded or has failed to load. */
export type ReadyMessage = 'ready'

/** Runs `handler` once. It never rejects: what the handler throws is part of the outcome, its stack is not. */
export async function runHandler(
  handler: LambdaHandler,
  invocation: Invocation,
  now: () => number,
): Promise<LambdaOutcome> {
  // The event has been through JSON, so its type is the handler's own claim, as it is on AWS.
  const call = handler as (event: unknown, context: LambdaContext) => unknown
  try {
    const result: unknown = await call(JSON.parse(invocation.event), createContext(invocation, now))
    // Lambda answers `null` for a handler that returns nothing.
    return { result: JSON.stringify(result ?? null) }
  } catch (thrown) {
    return { error: toErrorShape(thrown) }
  }
}

/**
 * Answers every InvocationMessage that comes over `port`, several at a time if they come so. A module that cannot be
 * loaded, or has no `handler`, is answered to each call, as Lambda does with a failed initialisation. What fails is
 * also printed, as Lambda's own runtime prints it to the function's log.
 */
export function serveInvocations(
  port: Pick<MessagePort, 'on' | 'postMessage'>,
  deps: { readonly loadModule: () => Promise<object>; readonly print: (line: string) => void },
): void {
  const loaded = deps.loadModule().then(findHandler).catch(toInitFailure)
  void loaded.then(() => {
    port.postMessage('ready' satisfies ReadyMessage)
  })
  port.on('message', (message: InvocationMessage) => {
    void loaded.then(async (handler) => {
      const outcome = typeof handler === 'function' ? await runHandler(handler, message, Date.now) : handler
      if ('error' in outcome) deps.print(`ERROR ${message.requestId} ${JSON.stringify(outcome.error)}`)
      port.postMessage({ id: message.id, outcome } satisfies OutcomeMessage)
    })
  })
}

export function toErrorShape(thrown: unknown): LambdaErrorShape {
  if (thrown instanceof Error) return { errorType: thrown.name, errorMessage: thrown.message }
  return { errorType: typeof thrown, errorMessage: String(thrown) }
}

function findHandler(module: object): LambdaHandler | LambdaOutcome {
  if ('handler' in module && typeof module.handler === 'function') return module.handler as LambdaHandler
  const errorMessage = 'handler is undefined or not exported'
  return { error: { errorType: 'Runtime.HandlerNotFound', errorMessage } }
}

function toInitFailure(thrown: unknown): LambdaOutcome {
  return { error: toErrorShape(thrown) }
}

function createContext({ functionName, requestId, expiresAt }: Invocation, now: () => number): LambdaContext {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:us-east-1:000000000000:function:${functionName}`,
    memoryLimitInMB: '512',
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${functionName}`,
    logStreamName: 'local/[$LATEST]',
    getRemainingTimeInMillis: () => Math.max(0, expiresAt - now()),
  }
}
