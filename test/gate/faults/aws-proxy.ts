// Stands between the pair's functions and local AWS: sees each call, and does what no AWS API can be asked to do.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { listen, type Listening } from '../../support/listen.ts'
import { collectSecrets } from '../../support/recording-proxy.ts'
import type { Fault as AwsFault } from '../../../infra/emulators/aws/faults.ts'
import { toAwsFaults, type Fault } from './fault.ts'

/** What one case wants of the proxy. */
export type AwsProxyCase = {
  readonly plan: (operation: string) => Fault | undefined
  /** Before the call goes on to AWS, or is held back; `isRepeat` when the SDK sends it again. */
  readonly onCall: (operation: string, call: { readonly isRepeat: boolean }) => Promise<void>
  /** The function that makes this call crashes. */
  readonly crash: (operation: string) => void
  /** Just before `operation` an operator deletes the user that the case is about; with `replaced` another caller takes its name. */
  readonly remove: (kind: 'removed' | 'replaced', operation: string) => Promise<void>
  /** The same request once more, from beginning to end. */
  readonly sendConcurrentRetry: () => Promise<void>
  readonly secrets: Set<string>
  /** Every temporary password that was sent with AdminCreateUser. */
  readonly temporaryPasswords: Set<string>
  /** Names of the errors that AWS gave, by operation. */
  readonly onAnswer: (operation: string, errorName: string | undefined) => void
}

export type AwsProxy = Listening & {
  serve(current: AwsProxyCase): void
  /** Sends on what was held back as late, in the order in which it came. */
  deliverLate(): Promise<void>
  /** Resolves when no call is under way any more, also of those whose callers have given up. */
  settled(): Promise<void>
}

type Call = { readonly operation: string; readonly request: IncomingMessage; readonly body: Buffer }
type AwsAnswer = { readonly status: number; readonly headers: Record<string, string>; readonly body: Buffer }

type AwsProxyDeps = { readonly awsUrl: string; readonly setFaults: (faults: readonly AwsFault[]) => void }

/**
 * A fault is set for one call at a time, just before that call goes on: what an operator calls in between is neither
 * struck nor counted. The pair makes its calls one after another, so none of them meets another one's fault.
 */
export async function startAwsProxy({ awsUrl, setFaults }: AwsProxyDeps): Promise<AwsProxy> {
  let current: AwsProxyCase | undefined
  const late: Call[] = []
  let onPasswordSet: ((value: unknown) => void) | undefined

  /** One call after another: of a call that its caller has given up, a later one must not overtake the rest. */
  let underWay: Promise<unknown> = Promise.resolve()

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request)
    underWay = underWay.then(() => passThrough({ operation: operationOf(request, body), request, body }, response))
    await underWay
  }

  async function passThrough(call: Call, response: ServerResponse): Promise<void> {
    try {
      // Who has given up while it stood in line has sent nothing.
      if (!response.destroyed) await pass(call, response)
    } catch {
      // What AWS cut off is cut off here as well.
      response.socket?.resetAndDestroy()
    }
  }

  /** A concurrent retry does not stand in line behind the call that it overtakes. */
  async function letConcurrentRetryPass(sendConcurrentRetry: () => Promise<void>): Promise<void> {
    underWay = Promise.resolve()
    await sendConcurrentRetry()
  }

  /** Halts the concurrent retry once its password is set, until what is returned here is called. */
  async function letConcurrentRetryPassHalfWay(sendConcurrentRetry: () => Promise<void>): Promise<() => void> {
    const halfWay = Promise.withResolvers<unknown>()
    const end = Promise.withResolvers<unknown>()
    onPasswordSet = halfWay.resolve
    underWay = Promise.resolve()
    await Promise.race([halfWay.promise, sendConcurrentRetry()])
    onPasswordSet = undefined
    underWay = underWay.then(() => end.promise)
    return () => {
      end.resolve(undefined)
    }
  }

  async function pass(call: Call, response: ServerResponse): Promise<void> {
    const { operation, body } = call
    if (current === undefined) throw new Error(`${operation} outside of any case`)
    const { plan, onCall, crash, remove, sendConcurrentRetry, ...serving } = current
    collectSecrets(body, serving.secrets)
    if (operation === 'AdminCreateUser') {
      const { TemporaryPassword } = JSON.parse(body.toString()) as { TemporaryPassword?: string }
      if (TemporaryPassword !== undefined) serving.temporaryPasswords.add(TemporaryPassword)
    }
    await onCall(operation, { isRepeat: !String(call.request.headers['amz-sdk-request']).includes('attempt=1;') })
    if (response.destroyed) return

    const fault = plan(operation)
    const kind = fault?.kind
    if (kind === 'late') late.push(call)
    if (kind === 'crashed-before') crash(operation)
    if (kind === 'late' || kind === 'crashed-before') return
    if (kind === 'removed' || kind === 'replaced') await remove(kind, operation)
    if (kind === 'concurrent-retry' || kind === 'concurrent-retry-then-denied')
      await letConcurrentRetryPass(sendConcurrentRetry)
    const goOn =
      kind === 'concurrent-retry-half-way' ? await letConcurrentRetryPassHalfWay(sendConcurrentRetry) : undefined

    setFaults(fault === undefined ? [] : toAwsFaults(fault))
    const answer = proxyAnswer(kind) ?? (await askAws(awsUrl, call, response).finally(goOn))
    collectSecrets(answer.body, serving.secrets)
    if (kind === 'crashed-after') {
      crash(operation)
      return
    }
    serving.onAnswer(operation, answer.headers['x-amzn-errortype'])
    response.writeHead(answer.status, answer.headers).end(answer.body)
    if (operation === 'AdminSetUserPassword') onPasswordSet?.(undefined)
  }

  const listening = await listen((request, response) => {
    serve(request, response).catch(() => response.socket?.resetAndDestroy())
  })

  return {
    ...listening,
    serve: (next) => {
      late.length = 0
      current = next
    },
    deliverLate: async () => {
      setFaults([])
      for (const call of late.splice(0)) await askAws(awsUrl, call)
    },
    settled: async () => {
      await underWay
    },
  }
}

function operationOf({ method, headers }: IncomingMessage, body: Buffer): string {
  if (method === 'GET') return 'JWKS'
  const operation = String(headers['x-amz-target']).split('.')[1] ?? ''
  if (operation === 'PutSecretValue' && body.includes('"VersionStages"')) return 'TakeTurn'
  if (operation === 'PutResourcePolicy' && !body.includes('aws:PrincipalArn')) return 'CloseSecret'
  return operation
}

/** The call goes with its caller: when that one gives up, so does this, and local AWS sees the connection end. */
async function askAws(awsUrl: string, call: Call, forWhom?: ServerResponse): Promise<AwsAnswer> {
  const gone = new AbortController()
  forWhom?.once('close', () => {
    gone.abort()
  })
  if (forWhom?.destroyed === true) gone.abort()
  const headers = ['authorization', 'content-type', 'x-amz-date', 'x-amz-target'].flatMap((name) => {
    const value = call.request.headers[name]
    return typeof value === 'string' ? [[name, value] as [string, string]] : []
  })
  const answer = await fetch(`${awsUrl}${call.request.url ?? '/'}`, {
    method: call.request.method ?? 'GET',
    headers,
    ...(call.body.length > 0 && { body: new Uint8Array(call.body) }),
    signal: gone.signal,
  })
  const body = Buffer.from(await answer.arrayBuffer())
  const passedOn = ['content-type', 'x-amzn-requestid', 'x-amzn-errortype'].flatMap((name) => {
    const value = answer.headers.get(name)
    return value === null ? [] : [[name, value] as const]
  })
  return { status: answer.status, headers: Object.fromEntries(passedOn), body }
}

/** What the proxy says in place of AWS. */
function proxyAnswer(kind: Fault['kind'] | undefined): AwsAnswer | undefined {
  if (kind === 'missing') return awsError('UserNotFoundException')
  return kind === 'refused' ? awsError('InvalidPasswordException') : undefined
}

function awsError(name: string): AwsAnswer {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-errortype': name }
  return { status: 400, headers, body: Buffer.from(JSON.stringify({ __type: name, message: 'asked for' })) }
}
