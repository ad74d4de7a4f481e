import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { sendOnce, type Answer, type OutgoingRequest } from '#shared/aws/send-once.ts'

let server: Server

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

async function send(listener: RequestListener, request: Partial<OutgoingRequest> = {}): Promise<Answer> {
  server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/path`)
  return sendOnce({ url, signal: AbortSignal.timeout(5_000), ...request })
}

const answering =
  (body: string): RequestListener =>
  (_, response) => {
    response.end(body)
  }

describe('a request that is sent once', () => {
  it('is sent whole, with its length, on a connection of its own, and once even where the answer is 421', async () => {
    const received: unknown[] = []

    const answer = await send(
      (request, response) => {
        void text(request).then((body) => {
          const { 'content-length': length, 'content-type': type, connection } = request.headers
          received.push({ method: request.method, url: request.url, body, length, type, connection })
          response.writeHead(421, { 'retry-after': '1' }).end('Misdirected é')
        })
      },
      { headers: { 'content-type': 'text/plain' }, body: Buffer.from('adä') },
    )

    expect(received).toEqual([
      { method: 'POST', url: '/path', body: 'adä', length: '4', type: 'text/plain', connection: 'close' },
    ])
    expect(answer).toMatchObject({ status: 421, headers: { 'retry-after': '1' }, body: 'Misdirected é' })
  })

  it('goes over no connection that another one has used, even where the other side would keep it', async () => {
    const sockets = new Set<unknown>()
    const keeping: RequestListener = (request, response) => {
      sockets.add(request.socket)
      response.shouldKeepAlive = true
      response.writeHead(200, { connection: 'keep-alive' }).end()
    }
    await send(keeping)
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)

    await sendOnce({ url, signal: AbortSignal.timeout(5_000) })

    expect(sockets.size).toBe(2)
  })

  it.each([301, 302, 307, 308])('follows no %i', async (status) => {
    let asked = 0
    const redirecting = send((_, response) => {
      asked += 1
      response.writeHead(status, { location: '/elsewhere' }).end()
    })

    await expect(redirecting).rejects.toMatchObject({ reason: 'redirect' })
    expect(asked).toBe(1)
  })

  it('takes an answer of 64 KiB, and not a byte more', async () => {
    expect((await send(answering('x'.repeat(65_536)))).body).toHaveLength(65_536)
    await expect(send(answering('x'.repeat(65_537)))).rejects.toMatchObject({ reason: 'answer_too_large' })
  })

  it('ends an answer that never ends', async () => {
    const ended = send((_, response) => {
      const more = (): boolean => response.write(Buffer.alloc(16_384, 0x20), () => response.destroyed || more())
      more()
    })

    await expect(ended).rejects.toMatchObject({ reason: 'answer_too_large' })
  })

  it.each<[string, RequestListener]>([
    ['before', () => undefined],
    ['in the middle of', (_, response) => void response.write('{')],
  ])('ends with its signal’s reason %s an answer', async (_, begin) => {
    const limit = new AbortController()
    const reason = new DOMException('too late', 'TimeoutError')

    const late = send(
      (request, response) => {
        begin(request, response)
        setImmediate(() => {
          limit.abort(reason)
        })
      },
      { signal: limit.signal },
    )

    await expect(late).rejects.toBe(reason)
  })

  it('that is answered by a switch of protocols, which nobody asked for, fails', async () => {
    const switched = send((_, response) => {
      response.socket?.end('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n')
    })

    await expect(switched).rejects.toThrow('no answer')
  })

  it('that nobody hears fails by Node’s word for it', async () => {
    await send(answering(''))
    const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    await new Promise((resolve) => server.close(resolve))

    await expect(sendOnce({ url, signal: AbortSignal.timeout(5_000) })).rejects.toMatchObject({
      code: 'ECONNREFUSED',
    })
  })

  it('that is cut off in the middle of an answer fails', async () => {
    const cutOff = send((_, response) => {
      response.writeHead(200, { 'content-length': 10 }).write('{')
      setImmediate(() => response.destroy())
    })

    await expect(cutOff).rejects.toMatchObject({ code: 'ECONNRESET' })
  })
})
