import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, describe, expect, it } from 'vitest'
import { sendOnce } from '#shared/aws/fetch-once.ts'

let server: Server

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

describe('sendOnce', () => {
  it.each([
    ['a text', 'grant_type=client_credentials'],
    ['bytes', Buffer.from('{"username":"ada"}')],
  ])('sends %s once, whole and with its length, even where the answer is 421', async (_, body) => {
    const received: { body: string; length: string | undefined }[] = []
    server = createServer((request, response) => {
      void text(request).then((sent) => {
        received.push({ body: sent, length: request.headers['content-length'] })
        response.writeHead(421).end()
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const { status } = await sendOnce(url, { method: 'POST', body, redirect: 'error' })

    expect(status).toBe(421)
    expect(received).toEqual([{ body: String(body), length: String(body.length) }])
  })
})
