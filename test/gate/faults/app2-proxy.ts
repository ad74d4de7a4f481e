// Stands between App1 and App2's gateway: sees what App2 answers, and breaks the connection where a case asks for it.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { listen, type Listening } from '../../support/listen.ts'
import { sendOnce, type SendOnce } from '#shared/aws/send-once.ts'
import type { App2Kind, Fault } from './fault.ts'

export type App2ProxyCase = {
  readonly plan: (operation: string) => Fault | undefined
  readonly onCall: (operation: string, call: { readonly isRepeat: boolean }) => Promise<void>
  /** App1 ends at this point. */
  readonly crashApp1: () => void
  /** Everything that App2 answered, and what App1 sealed. */
  readonly answers: string[]
  readonly secrets: Set<string>
}

export type App2Proxy = Listening & {
  /** What App1 is to ask App2 with. */
  readonly send: SendOnce
  serve(current: App2ProxyCase): void
  /** Resolves when App2 has answered all that it was asked, whoever still waits for it. */
  settled(): Promise<void>
}

type App2Answer = { readonly status: number; readonly headers: Record<string, string>; readonly body: Buffer }

/** Faults that keep the request from App2, with the answer that comes in its place. */
const gatewayAnswers: Partial<Record<App2Kind, App2Answer>> = {
  'answers-401': gatewayAnswer(401),
  'answers-429': gatewayAnswer(429),
  'answers-500': gatewayAnswer(500),
  'answers-502': gatewayAnswer(502),
  'answers-503': gatewayAnswer(503),
  'answers-504': gatewayAnswer(504),
}

/** Faults that keep App2's answer from App1. */
const replacedAnswers: Partial<Record<App2Kind, App2Answer>> = {
  'lost-behind-502': gatewayAnswer(502),
  'lost-behind-504': gatewayAnswer(504),
}

const nonsense = { headers: { 'content-type': 'text/html' }, body: Buffer.from('<html>It works!</html>') }

export async function startApp2Proxy({ target }: { readonly target: string }): Promise<App2Proxy> {
  let current: App2ProxyCase | undefined
  /** What strikes the requests that are on their way from `send` to the server below. */
  const striking: (App2Kind | undefined)[] = []
  const underWay = new Set<Promise<App2Answer>>()

  async function ask(request: IncomingMessage, body: Buffer): Promise<App2Answer> {
    const answer = askApp2(target, request, body)
    underWay.add(answer)
    return answer.finally(() => underWay.delete(answer))
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request)
    if (current === undefined) throw new Error('App2 was called outside of any case')
    const { crashApp1, answers, secrets } = current
    const { encrypted_password: sealed } = JSON.parse(body.toString()) as { encrypted_password?: string }
    if (sealed !== undefined) secrets.add(sealed)

    const kind = striking.shift()
    if (kind === 'timed-out') return
    if (kind === 'reset') throw new Error(kind)
    if (kind === 'crashed-after') crashApp1()
    const answer = (kind && gatewayAnswers[kind]) ?? (await ask(request, body))
    answers.push(`${JSON.stringify(answer.headers)} ${answer.body.toString()}`)
    if (kind === 'lost-in-timeout') return
    if (kind === 'lost-answer') throw new Error(kind)
    if (kind === 'cut-off') cutOff(response, answer)
    else if (kind === 'nonsense') respond(response, { ...answer, ...nonsense })
    else respond(response, (kind && replacedAnswers[kind]) ?? answer)
  }

  const sendThroughProxy: SendOnce = async (request) => {
    await current?.onCall('App2', { isRepeat: false })
    const kind = current?.plan('App2')?.kind as App2Kind | undefined
    if (kind === 'crashed-before') {
      current?.crashApp1()
      throw new Error('nobody is left to learn this')
    }
    if (kind === 'refused') return sendOnce({ ...request, url: new URL(closedUrl) })
    striking.push(kind)
    return sendOnce(request)
  }

  const listening = await listen((request, response) => {
    serve(request, response).catch(() => response.socket?.resetAndDestroy())
  })
  // A place where nobody listens.
  const { url: closedUrl, close } = await listen(() => undefined)
  await close()

  return {
    ...listening,
    send: sendThroughProxy,
    serve: (next) => {
      striking.length = 0
      current = next
    },
    settled: async () => {
      while (underWay.size > 0) await Promise.allSettled(underWay)
    },
  }
}

/** As API Gateway words what it was not told to word otherwise. */
function gatewayAnswer(status: number): App2Answer {
  const body = Buffer.from(JSON.stringify({ message: 'Internal server error' }))
  return { status, headers: { 'content-type': 'application/json' }, body }
}

/** Not tied to the one who asks: like API Gateway, nothing tells App2 that its caller has gone. */
async function askApp2(url: string, request: IncomingMessage, body: Buffer): Promise<App2Answer> {
  const { authorization = '', 'content-type': contentType = '' } = request.headers
  const answer = await fetch(`${url}${request.url ?? '/'}`, {
    method: 'POST',
    headers: { authorization, 'content-type': contentType },
    body: new Uint8Array(body),
  })
  const passedOn = [...answer.headers].filter(
    ([name]) => !['connection', 'content-length', 'keep-alive', 'transfer-encoding'].includes(name),
  )
  return { status: answer.status, headers: Object.fromEntries(passedOn), body: Buffer.from(await answer.arrayBuffer()) }
}

function respond(response: ServerResponse, { status, headers, body }: App2Answer): void {
  response.writeHead(status, headers).end(body)
}

function cutOff(response: ServerResponse, { status, headers, body }: App2Answer): void {
  response.writeHead(status, { ...headers, 'content-length': body.length })
  response.write(body.subarray(0, body.length / 2), () => response.socket?.resetAndDestroy())
}
