// One packaged function in a process of its own, under Lambda's runtime interface client; it sees none of our variables.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { LambdaFunctionError, type LambdaFunction } from '../../../infra/emulators/gateway/lambda-function.ts'
import { TimeLimitError, withinTimeLimit } from '../../../infra/emulators/gateway/time-limit.ts'
import type { PackagedFunction } from './packaged-functions.ts'
import { startRuntimeApi } from './runtime-api.ts'

export type LambdaProcess = {
  /** As `RuntimeApi.ready`. */
  readonly ready: Promise<void>
  /** Rejects with LambdaFunctionError when the function throws, takes longer than its time-out, or is gone. */
  readonly invoke: LambdaFunction
  /** What it has printed so far, to both streams. */
  readonly lines: readonly string[]
  /** Ends the process, and waits until it is gone. */
  close(): Promise<void>
}

/** `client` is the client's entry file, `environment` what there is besides the function's own and Lambda's variables. */
export async function startLambdaProcess(options: {
  readonly packaged: PackagedFunction
  readonly taskRoot: string
  readonly client: string
  readonly environment: Readonly<Record<string, string>>
}): Promise<LambdaProcess> {
  const { packaged, taskRoot, client, environment } = options
  const timeoutMs = packaged.timeoutSeconds * 1000
  const functionArn = `arn:aws:lambda:us-east-1:123456789012:function:${packaged.name}`
  const api = await startRuntimeApi({ functionArn, timeoutMs, now: Date.now })
  const child = spawn(process.execPath, [client], {
    cwd: taskRoot,
    env: {
      ...lambdaVariables(packaged),
      ...packaged.variables,
      ...environment,
      LAMBDA_TASK_ROOT: taskRoot,
      AWS_LAMBDA_RUNTIME_API: api.address,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line))
  }
  const exited = once(child, 'close').catch((error: unknown) => {
    lines.push(String(error))
  })
  void exited.then(() => {
    api.fail({ errorType: 'Runtime.ExitError', errorMessage: 'the runtime ended before it had answered' })
  })

  return {
    ready: api.ready,
    lines,
    invoke: async (event) => {
      try {
        return await withinTimeLimit(api.invoke(event), timeoutMs)
      } catch (error) {
        if (!(error instanceof TimeLimitError)) throw error
        // It may be stuck for good, and Lambda ends it as well.
        child.kill('SIGKILL')
        const errorMessage = `Task timed out after ${packaged.timeoutSeconds} seconds`
        throw new LambdaFunctionError({ errorType: 'Sandbox.Timedout', errorMessage })
      }
    },
    close: async () => {
      child.kill('SIGKILL')
      await exited
      await api.close()
    },
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
function lambdaVariables({ name, handler, memoryMb }: PackagedFunction): Record<string, string> {
  return {
    _HANDLER: handler,
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local/[$LATEST]',
    TZ: ':UTC',
  }
}
