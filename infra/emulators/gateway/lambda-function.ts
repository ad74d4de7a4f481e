// Lambda functions on this machine, called as AWS calls them: JSON in, JSON out, a time limit; never a shared object.
import { randomUUID } from 'node:crypto'
import {
  runHandler,
  type Invocation,
  type LambdaErrorShape,
  type LambdaHandler,
  type LambdaOutcome,
} from './lambda-runtime.ts'
import { startSandbox, type Sandbox } from './lambda-sandbox.ts'
import { TimeLimitError, withinTimeLimit } from './time-limit.ts'

/** Rejects with LambdaFunctionError when the function throws, takes too long or dies. */
export type LambdaFunction = (event: unknown) => Promise<unknown>

/** What a caller of Lambda learns of a failed function: a type and a message, which is the thrown error's own. */
export class LambdaFunctionError extends Error {
  override readonly name = 'LambdaFunctionError'
  readonly errorType: string

  constructor({ errorType, errorMessage }: LambdaErrorShape) {
    super(errorMessage)
    this.errorType = errorType
  }
}

type FunctionOptions = { readonly name: string; readonly timeoutMs: number }

/** `handler` in this thread: it shares this process' environment and modules, which Lambda functions never do. */
export function inProcess(
  handler: LambdaHandler,
  options: FunctionOptions & { readonly now?: () => number },
): LambdaFunction {
  const { now = Date.now } = options
  return async (event) => {
    const invocation = toInvocation(event, options, now)
    return settle(runHandler(handler, invocation, now), options.timeoutMs, invocation)
  }
}

export type WorkerFunction = {
  readonly invoke: LambdaFunction
  /** Ends the thread. Calls under way fail, later ones start nothing. */
  close(): Promise<void>
}

/**
 * The `handler` that `handlerModule` exports, in a thread of its own, which sees `environment`, no other variable of
 * this process, and none of AWS's configuration files. Each line that it prints goes to `onOutput`. The thread starts at
 * once, and a call's time only once the module is loaded. When the thread dies, or a call in it runs into its time
 * limit, later calls get a new one, as Lambda gives them a new execution environment.
 */
export function inWorker(
  options: FunctionOptions & {
    readonly handlerModule: URL
    readonly environment: Readonly<Record<string, string>>
    readonly onOutput?: (line: string) => void
  },
): WorkerFunction {
  const sandboxes = new Set<Sandbox>()
  let closed = false

  const start = (): Sandbox => {
    const sandbox = startSandbox(options)
    sandboxes.add(sandbox)
    void sandbox.exited.then(() => sandboxes.delete(sandbox))
    return sandbox
  }

  let current = start()

  const invoke: LambdaFunction = async (event) => {
    if (closed) throw new LambdaFunctionError({ errorType: 'Closed', errorMessage: `${options.name} is closed` })
    if (!current.usable()) current = start()
    const sandbox = current
    await sandbox.ready
    const invocation = toInvocation(event, options, Date.now)
    try {
      return await settle(sandbox.run(invocation), options.timeoutMs, invocation)
    } catch (error) {
      // It may be stuck for good; what else it is busy with may still end.
      if (error instanceof LambdaFunctionError && error.errorType === timedOut) sandbox.retire()
      throw error
    }
  }

  const close = async (): Promise<void> => {
    closed = true
    await Promise.all([...sandboxes].map((sandbox) => sandbox.terminate()))
  }

  return { invoke, close }
}

const timedOut = 'Sandbox.Timedout'

function toInvocation(event: unknown, { name, timeoutMs }: FunctionOptions, now: () => number): Invocation {
  return {
    functionName: name,
    requestId: randomUUID(),
    event: JSON.stringify(event ?? null),
    expiresAt: now() + timeoutMs,
  }
}

async function settle(run: Promise<LambdaOutcome>, timeoutMs: number, invocation: Invocation): Promise<unknown> {
  try {
    const outcome = await withinTimeLimit(run, timeoutMs)
    if ('error' in outcome) throw new LambdaFunctionError(outcome.error)
    return JSON.parse(outcome.result) as unknown
  } catch (error) {
    if (!(error instanceof TimeLimitError)) throw error
    const seconds = (timeoutMs / 1000).toFixed(2)
    const errorMessage = `RequestId: ${invocation.requestId} Error: Task timed out after ${seconds} seconds`
    throw new LambdaFunctionError({ errorType: timedOut, errorMessage })
  }
}
