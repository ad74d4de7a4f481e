// Lambda's runtime API for one function, on the loopback address: hands out events and takes answers; it runs no code.
//
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
import { randomUUID } from 'node:crypto'
import * as z from 'zod/mini'
import { LambdaFunctionError, type LambdaFunction } from '../../../infra/emulators/gateway/lambda-function.ts'
import type { LambdaErrorShape } from '../../../infra/emulators/gateway/lambda-runtime.ts'
import {
  listenOnLoopback,
  type GatewayReply,
  type GatewayRequest,
} from '../../../infra/emulators/gateway/loopback-server.ts'

export type RuntimeApi = {
  /** `host:port`, for `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string
  /**
   * Resolves once the runtime asks for its first event. Rejects with LambdaFunctionError when it reports a failed
   * initialisation, or ended before either.
   */
  readonly ready: Promise<void>
  /** One call at a time, as an execution environment takes them; others wait. */
  readonly invoke: LambdaFunction
  /** The runtime is gone: every call fails with `error`, those to come as well. */
  fail(error: LambdaErrorShape): void
  close(): Promise<void>
}

type Call = { readonly event: string; resolve(result: unknown): void; reject(error: LambdaErrorShape): void }

const reported = z.object({ errorType: z.string(), errorMessage: z.string() })

const accepted: GatewayReply = { status: 202, headers: [], body: '{"status":"OK"}' }
const unknownPath: GatewayReply = { status: 404, headers: [], body: '' }

export async function startRuntimeApi(options: {
  readonly functionArn: string
  readonly timeoutMs: number
  readonly now: () => number
}): Promise<RuntimeApi> {
  const waiting: Call[] = []
  const handedOut = new Map<string, Call>()
  const { promise: ready, resolve: setReady, reject: setUnready } = Promise.withResolvers<undefined>()
  // Nobody has to wait for it.
  ready.catch(() => undefined)
  let askForNext: ((call: Call) => void) | undefined
  let failure: LambdaErrorShape | undefined

  const fail = (error: LambdaErrorShape): void => {
    failure ??= error
    setUnready(new LambdaFunctionError(failure))
    for (const call of [...waiting.splice(0), ...handedOut.values()]) call.reject(failure)
    handedOut.clear()
  }

  const handOut = (call: Call): GatewayReply => {
    const requestId = randomUUID()
    handedOut.set(requestId, call)
    return {
      status: 200,
      headers: [
        ['content-type', 'application/json'],
        ['lambda-runtime-aws-request-id', requestId],
        ['lambda-runtime-deadline-ms', String(options.now() + options.timeoutMs)],
        ['lambda-runtime-invoked-function-arn', options.functionArn],
      ],
      body: call.event,
    }
  }

  const next = async (): Promise<GatewayReply> => {
    setReady(undefined)
    const call = waiting.shift() ?? (await new Promise<Call>((resolve) => (askForNext = resolve)))
    return handOut(call)
  }

  const settle = (requestId: string, outcome: string, body: string): GatewayReply => {
    const call = handedOut.get(requestId)
    if (call === undefined) return unknownPath
    handedOut.delete(requestId)
    if (outcome === 'error') call.reject(reported.parse(JSON.parse(body)))
    else call.resolve(JSON.parse(body))
    return accepted
  }

  const answer = async ({ method, target, body }: GatewayRequest): Promise<GatewayReply> => {
    const [, kind = '', first = '', second = ''] =
      /^\/2018-06-01\/runtime\/(\w+)\/([\w-]+)(?:\/(\w+))?$/.exec(target) ?? []
    const text = body?.toString() ?? ''
    if (method === 'GET' && kind === 'invocation' && first === 'next') return next()
    if (method === 'POST' && kind === 'invocation') return settle(first, second, text)
    if (method !== 'POST' || kind !== 'init' || first !== 'error') return unknownPath
    fail(reported.parse(JSON.parse(text)))
    return accepted
  }

  const invoke: LambdaFunction = (event) =>
    new Promise((resolve, reject) => {
      const call: Call = {
        event: JSON.stringify(event ?? null),
        resolve,
        reject: (error) => {
          reject(new LambdaFunctionError(error))
        },
      }
      const handTo = askForNext
      askForNext = undefined
      if (failure !== undefined) call.reject(failure)
      else if (handTo !== undefined) handTo(call)
      else waiting.push(call)
    })

  const server = await listenOnLoopback({ port: 0, answer })
  return { address: new URL(server.url).host, ready, invoke, fail, close: () => server.close() }
}
