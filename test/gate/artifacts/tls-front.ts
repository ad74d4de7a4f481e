// TLS in front of a gateway on this machine: in Lambda, App1 sends its token over nothing else. The key lives one run.
import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import { promisify } from 'node:util'

export type TlsFront = {
  readonly url: string
  /** For `NODE_EXTRA_CA_CERTS`. */
  readonly certificateFile: string
  close(): Promise<void>
}

/** Hands every connection on to `url`. Makes a key and its certificate in `folder` by the `openssl` of this machine. */
export async function startTlsFront(options: { readonly url: string; readonly folder: string }): Promise<TlsFront> {
  const keyFile = join(options.folder, 'app2-key.pem')
  const certificateFile = join(options.folder, 'app2-certificate.pem')
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'],
    ...['-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', certificateFile],
  ])
  const sockets = new Set<Socket>()
  const server = createServer({ key: await readFile(keyFile), cert: await readFile(certificateFile) }, (secure) => {
    const plain = connect(Number(new URL(options.url).port), '127.0.0.1')
    for (const [socket, other] of [[secure, plain] as const, [plain, secure] as const]) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}`,
    certificateFile,
    close: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}
