// What is under way on each connection, so that bytes that cannot be read never take a request's own answer away.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { toLastBytes } from './http-layer.ts'
import type { GatewayReply } from './loopback-server.ts'

/** What Node's parser says of bytes that it cannot read. */
export type ParserError = Error & {
  readonly code?: string
  readonly rawPacket?: Buffer
  readonly bytesParsed?: number
}

/** The body of a request breaks off in something that is not HTTP. */
export class UnreadableBodyError extends Error {
  override readonly name = 'UnreadableBodyError'
  readonly status: number

  constructor(status: number) {
    super('the body of the request cannot be read')
    this.status = status
  }
}

type Exchange = { readonly incoming: IncomingMessage; readonly refuseBody: (error: Error) => void }

type Connection = { readonly exchanges: Set<Exchange>; last: (() => Promise<GatewayReply>) | undefined }

export type Connections = {
  /** Rejects with UnreadableBodyError when the parser fails within the body of `incoming`, and else never settles. */
  begin(incoming: IncomingMessage, outgoing: ServerResponse): Promise<never>
  /** The parser failed: the request that it was in is refused with `status`, or `reply` is the connection's last word. */
  fail(socket: Duplex, status: number, reply: () => Promise<GatewayReply>): void
  /** Once all that is under way has been answered, `reply` is, and the connection ends. */
  endWith(socket: Duplex, reply: () => Promise<GatewayReply>): void
}

export function createConnections(): Connections {
  const connections = new WeakMap<Duplex, Connection>()

  const connectionOf = (socket: Duplex): Connection => {
    const connection = connections.get(socket) ?? { exchanges: new Set(), last: undefined }
    connections.set(socket, connection)
    return connection
  }

  const endWith: Connections['endWith'] = (socket, reply) => {
    const connection = connectionOf(socket)
    // Node tells of more than one failure where more bytes arrive.
    if (connection.last !== undefined) return
    connection.last = reply
    if (connection.exchanges.size === 0) void end(socket, reply)
  }

  return {
    begin: (incoming, outgoing) => {
      const { socket } = incoming
      const connection = connectionOf(socket)
      const unreadable = new Promise<never>((_, reject) => {
        const exchange: Exchange = { incoming, refuseBody: reject }
        connection.exchanges.add(exchange)
        outgoing.once('close', () => {
          connection.exchanges.delete(exchange)
          if (connection.exchanges.size === 0 && connection.last !== undefined) void end(socket, connection.last)
        })
      })
      // Of a request that is refused by its head, nobody reads the body.
      unreadable.catch(() => undefined)
      return unreadable
    },
    fail: (socket, status, reply) => {
      const unread = [...connectionOf(socket).exchanges].find(({ incoming }) => !incoming.complete)
      if (unread === undefined) endWith(socket, reply)
      else unread.refuseBody(new UnreadableBodyError(status))
    },
    endWith,
  }
}

async function end(socket: Duplex, reply: () => Promise<GatewayReply>): Promise<void> {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  // `reply` is the gateway's answer, which does not reject; if it does, the connection ends without one.
  const bytes = await reply().then(toLastBytes, () => Buffer.alloc(0))
  socket.end(bytes)
}
