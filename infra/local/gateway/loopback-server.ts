// An HTTP/1.1 server on the loopback address that hands requests over unparsed; it never normalises a target.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

export type Header = readonly [name: string, value: string]

export type GatewayRequest = {
  readonly method: string
  /** The request target as it was on the wire, `%61`, `..`, `//` and absolute form included. */
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

export type LoopbackServer = { readonly url: string; close(): Promise<void> }

/** 10 MB, the payload quota of REST and HTTP APIs alike. */
const longestPayloadBytes = 10 * 1024 * 1024

/** Above the gateways' own limit of 10,240 bytes, so that theirs is the one that is met. */
const parserHeaderBytes = 65_536

/**
 * Serves `answer` on 127.0.0.1, on a free port unless one is given. Rejects with Node's own error (`EADDRINUSE`) when
 * the port is taken. `answer` must not reject: what it forgets to catch is a bare 500.
 */
export async function listenOnLoopback(options: {
  readonly port: number
  readonly answer: (request: GatewayRequest) => Promise<GatewayReply>
}): Promise<LoopbackServer> {
  const server = createServer({ maxHeaderSize: parserHeaderBytes }, (incoming, outgoing) => {
    void serve(incoming, outgoing, options.answer)
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
  answer: (request: GatewayRequest) => Promise<GatewayReply>,
): Promise<void> {
  try {
    const reply = await answer(await readRequest(incoming))
    for (const [name, value] of reply.headers) outgoing.appendHeader(name, value)
    // A 204 and a 304 have no length (RFC 9110, section 8.6).
    if (reply.status !== 204 && reply.status !== 304)
      outgoing.setHeader('content-length', Buffer.byteLength(reply.body))
    outgoing.writeHead(reply.status)
    outgoing.end(reply.body)
  } catch {
    // A client that went away while it sent, or a defect of this gateway: there is nothing useful left to say.
    if (!outgoing.headersSent) outgoing.writeHead(500, { 'content-length': 0 })
    outgoing.end()
  }
}

async function readRequest(incoming: IncomingMessage): Promise<GatewayRequest> {
  const { method = '', url: target = '', rawHeaders, socket } = incoming
  const headers = rawHeaders.flatMap((name, i): Header[] => (i % 2 === 0 ? [[name, rawHeaders[i + 1] ?? '']] : []))
  return { method, target, headers, body: await readBody(incoming), sourceIp: socket.remoteAddress ?? '127.0.0.1' }
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
