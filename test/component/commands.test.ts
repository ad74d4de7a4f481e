import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'

const root = new URL('../../', import.meta.url)

let running: ChildProcessWithoutNullStreams | undefined

afterEach(() => {
  running?.kill('SIGKILL')
})

type Command = { readonly child: ChildProcessWithoutNullStreams; readonly text: () => string }

function run(file: string, environment: Record<string, string> = {}, args: readonly string[] = []): Command {
  const child = spawn(process.execPath, [file, ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', ...environment },
  })
  running = child
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return { child, text: () => text }
}

const ended = async ({ child }: Command): Promise<number | null> =>
  child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0]

async function shows({ child, text }: Command, wanted: RegExp): Promise<void> {
  while (!wanted.test(text())) {
    if (child.exitCode !== null) expect.fail(`ended with ${child.exitCode}: ${text()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const freePorts = { PORT_APP1: '0', PORT_APP2: '0', PORT_AWS: '0' }

describe('npm run demo', () => {
  it('shows ten outcomes as they should be, and ends with 0 and no secret', async () => {
    const demo = run('infra/local/demo.ts')

    expect(await ended(demo)).toBe(0)

    expect(demo.text().match(/^ {2}✓ .* \d+ ms$/gm)).toHaveLength(10)
    expect(demo.text()).not.toMatch(/✗|eyJ|latchkey-machine-|-aA1/)
    expect(demo.text()).not.toContain('\u001b')
  })
})

describe('npm start', () => {
  it('prints lines to paste, serves, and stops on Ctrl-C', async () => {
    const start = run('infra/local/start.ts', freePorts)

    await shows(start, /Ctrl-C/)
    const [, app1 = ''] = /^curl -sS (http:\S+)\/create-service-user/m.exec(start.text()) ?? []
    expect((await fetch(`${app1}/health`)).status).toBe(200)
    start.child.kill('SIGINT')

    expect(await ended(start)).toBe(0)
    await expect(fetch(`${app1}/health`)).rejects.toThrow('fetch failed')
  })

  it('with --iam lets only signed requests in, and prints lines that sign', async () => {
    const start = run('infra/local/start.ts', freePorts, ['--iam'])

    await shows(start, /Ctrl-C/)
    const [line = '', app1 = ''] = /^curl -sS (http:\S+)\/create-service-user --aws-sigv4.*$/m.exec(start.text()) ?? []
    expect(line).toMatch(/--user 'ASIALOCAL\w+:\w{40}' -H 'x-amz-security-token: \w{64}'/)
    expect(start.text()).toMatch(/^ {2}npm run call -- --url http:/m)
    expect((await fetch(`${app1}/health`)).status).toBe(403)
    start.child.kill('SIGINT')

    expect(await ended(start)).toBe(0)
  })

  it('names a port that is taken, and leaves nothing running', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo

    const start = run('infra/local/start.ts', { ...freePorts, PORT_APP1: String(port) })

    expect(await ended(start)).toBe(1)
    expect(start.text()).toContain(`Port ${port} is taken.`)
    taken.close()
  })

  it.each([
    [{ AWS_ENDPOINT_URL: 'https://example.com' }, '--allow-remote'],
    [{ PORT_APP2: 'x' }, 'PORT_APP2 must be a port number'],
  ])('refuses %j and says why', async (environment, reason) => {
    const start = run('infra/local/start.ts', { ...freePorts, ...environment })

    expect(await ended(start)).toBe(2)
    expect(start.text()).toContain(reason)
  })
})
