import http from 'node:http'
import net from 'node:net'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'

const connectionError = (options: net.NetConnectOpts): Promise<Error> =>
  new Promise((resolve) => net.connect(options).once('error', resolve))

describe('the network of the tests', () => {
  it('a socket to an address elsewhere is denied before it leaves', async () => {
    const error = await connectionError({ host: '192.0.2.1', port: 80 })

    expect(error.message).toBe('network denied in tests: 192.0.2.1')
  })

  it('a fetch of a name elsewhere is denied', async () => {
    const failure = await fetch('https://cognito-idp.us-east-1.amazonaws.com/').catch((error: unknown) => error)

    expect(String((failure as Error).cause)).toMatch(/network denied in tests/)
  })

  it('a server on the loopback address is reached', async () => {
    const server = http.createServer((_, response) => response.end('here'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

    const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)

    expect(await response.text()).toBe('here')
    server.close()
  })
})
