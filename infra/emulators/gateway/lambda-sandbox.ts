// One worker thread that runs a function's calls; it lends the thread neither this process' environment nor files of AWS.
import { devNull } from 'node:os'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { Worker } from 'node:worker_threads'
import { toErrorShape } from './lambda-runtime.ts'
import type { Invocation, LambdaOutcome, OutcomeMessage, ReadyMessage } from './lambda-runtime.ts'

export type Sandbox = {
  /** Resolves once the module is loaded, has failed to load, or will never be. */
  readonly ready: Promise<void>
  /** Never rejects: a thread that dies first is an outcome too, `Runtime.ExitError`. */
  run(invocation: Invocation): Promise<LambdaOutcome>
  /** Whether it takes further calls. */
  usable(): boolean
  /** Takes no further calls, and ends when the time of the last one under way is over. */
  retire(): void
  terminate(): Promise<void>
  readonly exited: Promise<void>
}

type SandboxOptions = {
  readonly name: string
  readonly handlerModule: URL
  readonly environment: Readonly<Record<string, string>>
  readonly onOutput?: (line: string) => void
}

type Call = { readonly expiresAt: number; settle(outcome: LambdaOutcome): void }

/**
 * A deployed function has none, and here they are somebody's own: with `ignore_configured_endpoint_urls` in `~/.aws/config`
 * the SDK would pass over `AWS_ENDPOINT_URL` and call AWS itself.
 */
const withoutConfigurationFiles = { AWS_CONFIG_FILE: devNull, AWS_SHARED_CREDENTIALS_FILE: devNull } as const

export function startSandbox(options: SandboxOptions): Sandbox {
  const { onOutput = () => undefined } = options
  const worker = new Worker(new URL('./lambda-worker.ts', import.meta.url), {
    name: options.name,
    workerData: { handlerModule: options.handlerModule.href },
    env: { ...withoutConfigurationFiles, ...options.environment },
    // Else the thread would run again what this process was told to run first (`node --import …`).
    execArgv: [],
    stdout: true,
    stderr: true,
  })
  forwardLines(worker.stdout, onOutput)
  forwardLines(worker.stderr, onOutput)

  const calls = new Map<number, Call>()
  let nextId = 0
  let usable = true
  let alive = true
  let retireTimer: NodeJS.Timeout | undefined

  const exited = new Promise<void>((resolve) => {
    worker.once('exit', () => {
      usable = false
      alive = false
      clearTimeout(retireTimer)
      for (const call of calls.values()) call.settle(exitOutcome)
      resolve()
    })
  })
  worker.on('error', (error) => {
    const { errorType, errorMessage } = toErrorShape(error)
    onOutput(`Uncaught ${errorType}: ${errorMessage}`)
  })
  const loaded = new Promise<void>((resolve) => {
    worker.on('message', (message: OutcomeMessage | ReadyMessage) => {
      if (message === 'ready') resolve()
      else calls.get(message.id)?.settle(message.outcome)
    })
  })

  const terminate = async (): Promise<void> => {
    usable = false
    await worker.terminate()
    await exited
  }

  const run = (invocation: Invocation): Promise<LambdaOutcome> =>
    new Promise((resolve) => {
      if (!alive) {
        resolve(exitOutcome)
        return
      }
      const id = nextId++
      const settle = (outcome: LambdaOutcome): void => {
        calls.delete(id)
        resolve(outcome)
      }
      calls.set(id, { expiresAt: invocation.expiresAt, settle })
      worker.postMessage({ ...invocation, id })
    })

  const retire = (): void => {
    usable = false
    const lastExpiry = Math.max(0, ...[...calls.values()].map(({ expiresAt }) => expiresAt))
    clearTimeout(retireTimer)
    retireTimer = setTimeout(() => void terminate(), Math.max(0, lastExpiry - Date.now()))
  }

  return { ready: Promise.race([loaded, exited]), run, usable: () => usable, retire, terminate, exited }
}

const exitOutcome: LambdaOutcome = {
  error: { errorType: 'Runtime.ExitError', errorMessage: 'the runtime exited before the call was answered' },
}

function forwardLines(stream: Readable, onLine: (line: string) => void): void {
  createInterface({ input: stream }).on('line', onLine)
}
