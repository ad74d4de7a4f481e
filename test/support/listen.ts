// An HTTP server on the loopback address, on a port of its own.
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Listening = {
  /** Without a slash at its end. */
  readonly url: string
  /** Ends every connection as well. Called again, it waits for the same end. */
  readonly close: () => Promise<void>
}

export async function listen(answer: RequestListener): Promise<Listening> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const closed = once(server, 'close')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}
