// An HTTP/1.1 server on the loopback address that hands requests over unparsed; it never normalises a path.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createConnections, UnreadableBodyError, type Connections, type ParserError } from './connections.ts'
import { framingRefusal, httpLayerReply, parserRefusal, toOriginForm, unknownMethod } from './http-layer.ts'

export type Header = readonly [name: string, value: string]

export type GatewayRequest = {
  readonly method: string
  /** The target as it was on the wire, `%61`, `..` and `//` included; of an absolute form, what is behind the authority. */
  readonly target: string
  /** In the client's order and casing, doubles included. */
  readonly headers: readonly Header[]
  /** Undefined when it is larger than `longestPayloadBytes`. */
  readonly body: Buffer | undefined
  readonly sourceIp: string
}

export type GatewayReply = {
  readonly status: number
  readonly headers: readonly Header[]
  readonly body: string | Buffer
}

type Answer = (request: GatewayRequest) => Promise<GatewayReply>

export type LoopbackServer = { readonly url: string; close(): Promise<void> }

/** 10 MB, the payload quota of REST and HTTP APIs alike. */
const longestPayloadBytes = 10 * 1024 * 1024

/** Above the gateways' own limit of 10,240 bytes, so that theirs is the one that is met. */
const parserHeaderBytes = 65_536

/** A request has as long to arrive as the longest answer may take; AWS names no limit. Node's own is five minutes. */
const arrival = { requestTimeout: 30_000, connectionsCheckingInterval: 1_000 }

/**
 * Serves `answer` on 127.0.0.1, on a free port unless one is given. Rejects with Node's own error (`EADDRINUSE`) when
 * the port is taken. `answer` must not reject: what it forgets to catch is a bare 500. What HTTP itself forbids is
 * refused without `answer`; whatever follows a request on its connection, the request gets its own answer first.
 */
export async function listenOnLoopback(options: {
  readonly port: number
  readonly answer: Answer
}): Promise<LoopbackServer> {
  const { answer } = options
  const connections = createConnections()
  // Node refuses a missing Host with an empty body; framingRefusal does with ours.
  const parsing = { maxHeaderSize: parserHeaderBytes, requireHostHeader: false, ...arrival }
  const server = createServer(parsing, (incoming, outgoing) => {
    void serve(incoming, outgoing, { answer, connections })
  })
  server.on('checkExpectation', (incoming: IncomingMessage, outgoing: ServerResponse) => {
    void serve(incoming, outgoing, { answer: () => Promise.resolve(httpLayerReply(417)), connections })
  })
  server.on('connect', (incoming, socket) => {
    connections.endWith(socket, () => answerHead(incoming, answer))
  })
  server.on('clientError', (error: ParserError, socket) => {
    connections.fail(socket, parserRefusal(error), () => answerUnreadable(error, answer))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : options.port
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve()
        })
        server.closeAllConnections()
      }),
  }
}

/** The values of `name`, whatever its case, in the order in which they came. */
export function headerValues(headers: readonly Header[], name: string): string[] {
  return headers.flatMap(([key, value]) => (key.toLowerCase() === name ? [value] : []))
}

/** What API Gateway's quota of 10,240 bytes counts. */
export function headerValueBytes(headers: readonly Header[]): number {
  return headers.reduce((sum, [, value]) => sum + value.length, 0)
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { answer, connections }: { readonly answer: Answer; readonly connections: Connections },
): Promise<void> {
  const unreadable = connections.begin(incoming, outgoing)
  try {
    const head = readHead(incoming)
    const reply =
      head.refusal === undefined
        ? await answer({ ...head.request, body: await Promise.race([readBody(incoming), unreadable]) })
        : httpLayerReply(head.refusal)
    // What follows a request that was not read to its end cannot be told from its body.
    if (head.refusal !== undefined || !incoming.complete) outgoing.shouldKeepAlive = false
    send(outgoing, reply)
  } catch (error) {
    outgoing.shouldKeepAlive = false
    if (error instanceof UnreadableBodyError) send(outgoing, httpLayerReply(error.status))
    // A client that went away while it sent, or a defect of this gateway: there is nothing useful left to say.
    else if (!outgoing.headersSent) outgoing.writeHead(500, { 'content-length': 0 })
    outgoing.end()
  }
}

function send(outgoing: ServerResponse, reply: GatewayReply): void {
  for (const [name, value] of reply.headers) outgoing.appendHeader(name, value)
  // A 204 and a 304 have no length (RFC 9110, section 8.6).
  if (reply.status !== 204 && reply.status !== 304) outgoing.setHeader('content-length', Buffer.byteLength(reply.body))
  outgoing.writeHead(reply.status)
  outgoing.end(reply.body)
}

type Head =
  { readonly refusal: number } | { readonly refusal: undefined; readonly request: Omit<GatewayRequest, 'body'> }

function readHead(incoming: IncomingMessage): Head {
  const { method = '', url = '', rawHeaders, socket, httpVersion } = incoming
  const headers = rawHeaders.flatMap((name, i): Header[] => (i % 2 === 0 ? [[name, rawHeaders[i + 1] ?? '']] : []))
  const refusal = framingRefusal({ httpVersion, headers })
  if (refusal !== undefined) return { refusal }
  const request = toOriginForm({ method, target: url, headers, sourceIp: socket.remoteAddress ?? '127.0.0.1' })
  return request === undefined ? { refusal: 400 } : { refusal, request }
}

/** `CONNECT` has no body, and what follows it is not HTTP. */
function answerHead(incoming: IncomingMessage, answer: Answer): Promise<GatewayReply> {
  const head = readHead(incoming)
  if (head.refusal !== undefined) return Promise.resolve(httpLayerReply(head.refusal))
  return answer({ ...head.request, body: Buffer.alloc(0) })
}

function answerUnreadable(error: ParserError, answer: Answer): Promise<GatewayReply> {
  const { code, rawPacket, bytesParsed = 0 } = error
  const line = code === 'HPE_INVALID_METHOD' && rawPacket !== undefined ? unknownMethod(rawPacket) : undefined
  // Further on in the packet it is what follows another request.
  if (line === undefined || bytesParsed > line.method.length)
    return Promise.resolve(httpLayerReply(parserRefusal(error)))
  return answer({ ...line, headers: [], body: Buffer.alloc(0), sourceIp: '127.0.0.1' })
}

/** Reads to the end even what is too large, without keeping it: a client that still sends would not see the answer. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes <= longestPayloadBytes) chunks.push(chunk)
    else chunks.length = 0
  }
  return bytes <= longestPayloadBytes ? Buffer.concat(chunks) : undefined
}
