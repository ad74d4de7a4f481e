import { connect } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { listenOnLoopback, type GatewayReply, type GatewayRequest } from '../../gateway/loopback-server.ts'
import { sendRaw } from './raw-request.ts'
import { keep } from './running-api.ts'

const empty: GatewayReply = { status: 204, headers: [], body: '' }

async function start(reply: () => GatewayReply = () => empty) {
  const requests: GatewayRequest[] = []
  const answer = (request: GatewayRequest): Promise<GatewayReply> => {
    requests.push(request)
    return Promise.resolve(reply())
  }
  const { url } = keep(await listenOnLoopback({ port: 0, answer }))
  return { requests, url }
}

describe('listenOnLoopback', () => {
  it('target, casing, order and doubles of headers reach the gateway as they were sent', async () => {
    const { requests, url } = await start()

    await sendRaw(url, { target: '/a/../%61//b?c', headers: ['X-One: 1', 'x-ONE:  2 '] })

    expect(requests).toEqual([
      {
        method: 'GET',
        target: '/a/../%61//b?c',
        headers: [
          ['Host', 'local'],
          ['Connection', 'close'],
          ['X-One', '1'],
          ['x-ONE', '2'],
        ],
        body: Buffer.alloc(0),
        sourceIp: '127.0.0.1',
      },
    ])
  })

  it('an answer that throws is a bare 500', async () => {
    const { url } = await start(() => {
      throw new Error('secret detail')
    })

    const response = await sendRaw(url, { target: '/' })

    expect(response.status).toBe(500)
    expect(response.body).toBe('')
  })

  it('a client that goes away while it sends is never answered, and the next one is', async () => {
    const { requests, url } = await start()
    const socket = connect(Number(new URL(url).port), '127.0.0.1')
    socket.write('POST / HTTP/1.1\r\nHost: local\r\nContent-Length: 100\r\n\r\nhalf')
    await vi.waitFor(() => {
      expect(socket.bytesWritten).toBeGreaterThan(0)
    })

    socket.destroy()
    const response = await sendRaw(url, { target: '/next' })

    expect(response.status).toBe(204)
    expect(requests.map(({ target }) => target)).toEqual(['/next'])
  })
})
