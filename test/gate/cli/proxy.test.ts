import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { UsageError } from '#infra/cli/command-line.ts'
import { hostsPastTheProxy, useProxy } from '#infra/cli/proxy.ts'

const started: { close(): unknown }[] = []

afterEach(() => {
  for (const server of started.splice(0)) server.close()
})

/** A proxy that opens no tunnel, and the hosts that it was asked for. */
async function startProxy(): Promise<{ readonly address: string; readonly tunnels: readonly (string | undefined)[] }> {
  const tunnels: (string | undefined)[] = []
  const server = createServer((_, response) => response.writeHead(500).end())
  server.on('connect', ({ url }, socket) => {
    tunnels.push(url)
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
  })
  started.push(server.listen(0, '127.0.0.1'))
  await once(server, 'listening')
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, tunnels }
}

/** A process of its own, since the way out is a setting of the whole process. */
async function run(command: string, args: readonly string[], environment: Record<string, string>): Promise<string> {
  const main = fileURLToPath(new URL(`../../../infra/cli/${command}/main.ts`, import.meta.url))
  const env = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', ...environment }
  const child = spawn(process.execPath, [main, ...args], { env })
  child.stdin.end('Correct-Horse-9\n')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return stdout + stderr
}

describe('the operators’ commands', () => {
  it.each([
    [
      'users',
      ['show', 'orders', '--url', 'https://abc.execute-api.eu-west-1.amazonaws.com'],
      'abc.execute-api.eu-west-1.amazonaws.com:443',
    ],
    ['drift', ['--user-pool-id', 'eu-west-1_abc'], 'cognito-idp.eu-west-1.amazonaws.com:443'],
  ])('%s goes through HTTPS_PROXY', async (command, args, host) => {
    const { address, tunnels } = await startProxy()

    await run(command, args, { HTTPS_PROXY: `http://${address}` })

    // A read is repeated.
    expect([...new Set(tunnels)]).toEqual([host])
  })
})

describe('useProxy', () => {
  it.each(['ftp://proxy:21', 'http://', 'a b'])('refuses %j, and repeats nothing of it', (proxy) => {
    expect(() => useProxy({ HTTPS_PROXY: proxy })).toThrow(
      new UsageError('HTTPS_PROXY is no address of a proxy: http://host:port.'),
    )
  })

  it.each([{}, { HTTPS_PROXY: '' }, { HTTP_PROXY: 'http://proxy' }, { https_proxy: '', HTTPS_PROXY: 'http://proxy' }])(
    'with %j changes nothing',
    (environment) => {
      expect(useProxy(environment)).toEqual({})
    },
  )
})

describe('hostsPastTheProxy', () => {
  const loopback = 'localhost,.localhost,127.0.0.1,[::1],::1'

  it.each([
    [{}, loopback],
    [
      { NO_PROXY: 'amazonaws.com, .api.aws ,*,10.0.0.1' },
      `amazonaws.com,.amazonaws.com,.api.aws,*,10.0.0.1,${loopback}`,
    ],
    [{ no_proxy: 'a.example', NO_PROXY: 'b.example' }, `a.example,.a.example,${loopback}`],
  ])('of %j are %s', (environment, hosts) => {
    expect(hostsPastTheProxy(environment)).toBe(hosts)
  })
})
