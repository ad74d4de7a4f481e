import net from 'node:net'
import { describe, expect, it } from 'vitest'
import { listen } from '#test/support/listen.ts'

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
    const { url, close } = await listen((_, response) => response.end('here'))

    expect(await (await fetch(url)).text()).toBe('here')
    await close()
  })
})
