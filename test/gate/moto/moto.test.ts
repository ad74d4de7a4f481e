import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createApiCaller, query } from './moto-api.ts'
import { UsageError } from '#infra/cli/command-line.ts'
import { prepareMoto } from './prepare-moto.ts'
import { startMoto } from './start-moto.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-moto-'))
})

afterAll(() => rm(folder, { recursive: true }))

/** A program in moto's place: it leaves its process id and does what `script` says. */
async function fakeMoto(
  script: string,
): Promise<{ readonly command: string; readonly isRunning: () => Promise<boolean> }> {
  const command = join(folder, 'fake-moto')
  const pidFile = join(folder, 'pid')
  await rm(pidFile, { force: true })
  const lines = [
    `#!${process.execPath}`,
    `require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid))`,
    script,
  ]
  await writeFile(command, lines.join('\n'), { mode: 0o700 })
  const isRunning = async (): Promise<boolean> => {
    const pid = Number(await readFile(pidFile, 'utf8'))
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  return { command, isRunning }
}

/** Until the program has left its process id. */
const appears = (isRunning: () => Promise<boolean>): Promise<void> =>
  expect.poll(() => isRunning().catch(() => false), { timeout: 20_000 }).toBe(true)

const waits = 'setInterval(() => undefined, 1000)'

describe('startMoto', () => {
  const start = (command: string, signal = new AbortController().signal) =>
    startMoto({ command, environment: { PATH: process.env['PATH'] ?? '' }, signal })

  it('gives the address that moto says, and stops the process', async () => {
    const fake = await fakeMoto(`console.error(' * Running on http://127.0.0.1:5123'); ${waits}`)

    const moto = await start(fake.command)

    expect(moto.url).toBe('http://127.0.0.1:5123')
    expect(await fake.isRunning()).toBe(true)
    await moto.stop()
    expect(await fake.isRunning()).toBe(false)
  })

  it('of a moto that ends by itself repeats what it said', async () => {
    const { command } = await fakeMoto("console.error('no module named flask')")

    await expect(start(command)).rejects.toThrow('no module named flask')
  })

  it('that is broken off leaves no process', async () => {
    const { command, isRunning } = await fakeMoto(waits)

    const stopped = new AbortController()
    const started = start(command, stopped.signal)
    const refusal = expect(started).rejects.toThrow('moto did not start')
    await appears(isRunning)

    stopped.abort()

    await refusal
    expect(await isRunning()).toBe(false)
  })

  it('without such a command says how to get it', async () => {
    await expect(start(join(folder, 'nowhere'))).rejects.toThrow(UsageError)
    await expect(start(join(folder, 'nowhere'))).rejects.toThrow('pip install -r .ci/moto-requirements.txt')
  })
})

describe('an endpoint', () => {
  let server: Server
  let answer: (request: IncomingMessage) => { readonly status: number; readonly body: string }
  let seen: IncomingMessage[]

  beforeAll(async () => {
    server = createServer((request, response) => {
      seen.push(request)
      const { status, body } = answer(request)
      request.resume().on('end', () => response.writeHead(status).end(body))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
  })

  afterEach(() => {
    seen = []
  })

  afterAll(() => server.close())

  const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const empty: Record<string, string> = {
    '/restapis': '{"item": []}',
    '/v2/apis': '{"items": []}',
    '/2015-03-31/functions/': '{"Functions": []}',
  }
  const lists = '{"UserPools": [], "Aliases": [], "Keys": [], "logGroups": [], "SecretList": []}'

  it('that holds something is refused, and nothing is changed in it', async () => {
    seen = []
    answer = ({ url: path = '' }) => ({
      status: 200,
      body: path === '/restapis' ? '{"item": [{"id": "theirs"}]}' : (empty[path] ?? lists),
    })

    await expect(prepareMoto(url())).rejects.toThrow('AWS::ApiGateway::RestApi theirs')

    expect(seen.filter(({ url: path = '' }) => path.startsWith('/moto-api/'))).toEqual([])
  })

  it('that is empty is told to start no containers', async () => {
    seen = []
    answer = ({ url: path = '' }) => ({ status: 200, body: empty[path] ?? lists })

    await prepareMoto(url())

    expect(seen.at(-1)?.url).toBe('/moto-api/config')
  })

  it('that is empty and no moto is refused', async () => {
    seen = []
    answer = ({ url: path = '' }) =>
      path === '/moto-api/config' ? { status: 404, body: '' } : { status: 200, body: empty[path] ?? lists }

    await expect(prepareMoto(url())).rejects.toThrow('it is not moto')
  })

  it('that refuses a call is repeated', async () => {
    answer = () => ({ status: 400, body: 'no such action' })

    await expect(createApiCaller(url())(query('iam', { Action: 'X' }))).rejects.toThrow(
      'iam Action=X answered 400: no such action',
    )
  })
})

describe('npm run deploy:local', () => {
  const run = (...args: string[]) => {
    const child = spawn(process.execPath, [resolve('test/gate/moto/main.ts'), ...args], {
      env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1' },
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
    const ended = once(child, 'close').then(([status]: (number | null)[]) => ({ status, text }))
    return { child, ended }
  }

  it.each([
    { args: ['--moto', '/nowhere/moto_server'], why: 'moto_server cannot be started' },
    { args: ['--endpoint', 'http://192.0.2.1:80'], why: '--endpoint is not on this machine' },
  ])('$args, which is bad usage, ends with 2 and says why', async ({ args, why }) => {
    const { status, text } = await run(...args).ended

    expect(status).toBe(2)
    expect(text).toContain(why)
    expect(text).toContain('Usage: npm run deploy:local')
  })

  it('--help ends with 0', async () => {
    expect((await run('--help').ended).status).toBe(0)
  })

  it('that Ctrl-C stops leaves no process', async () => {
    const { command, isRunning } = await fakeMoto(waits)
    const { child, ended } = run('--moto', command)
    await appears(isRunning)

    child.kill('SIGINT')

    const { status, text } = await ended
    expect(text).toBe('Stopped.\n')
    expect(status).toBe(1)
    expect(await isRunning()).toBe(false)
  })
})
