// Starts a moto server of our own on a free port of the loopback address, and stops it; it leaves no process behind.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { UsageError } from '#infra/cli/command-line.ts'

export type RunningMoto = {
  /** Without a slash at its end. */
  readonly url: string
  stop(): Promise<void>
}

const howToGetMoto =
  'moto comes from PyPI: python3 -m venv .venv/moto && .venv/moto/bin/pip install -r .ci/moto-requirements.txt, ' +
  'then npm run deploy:local -- --moto .venv/moto/bin/moto_server'

const startLimitMs = 60_000
const stopLimitMs = 5_000

/** Rejects with UsageError where there is no such command, and with an Error that repeats the last that moto said. */
export async function startMoto(options: {
  readonly command: string
  readonly environment: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}): Promise<RunningMoto> {
  const { command, environment, signal } = options
  const child = spawn(command, ['-H', '127.0.0.1', '-p', '0'], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
  const exited = new Promise<void>((resolve) => {
    child.once('close', () => {
      resolve()
    })
  })
  const stop = async (): Promise<void> => {
    child.kill()
    const kill = setTimeout(() => child.kill('SIGKILL'), stopLimitMs)
    await exited
    clearTimeout(kill)
  }

  let said = ''
  const url = new Promise<string>((resolve) => {
    const read = (chunk: Buffer): void => {
      // Only the end: moto goes on with a line for each request.
      said = (said + chunk.toString()).slice(-4_000)
      const [, found] = /Running on (http:\/\/127\.0\.0\.1:\d+)/.exec(said) ?? []
      if (found !== undefined) resolve(found)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
  })
  try {
    await once(child, 'spawn')
  } catch {
    throw new UsageError(`moto_server cannot be started. ${howToGetMoto}`)
  }
  const timer = new AbortController()
  const started = await Promise.race([
    url,
    exited,
    sleep(startLimitMs, undefined, { signal: AbortSignal.any([signal, timer.signal]) }).catch(() => undefined),
  ])
  timer.abort()
  if (started !== undefined) {
    // With Docker, moto would pull an image to run a function; here functions run by themselves.
    const body = JSON.stringify({ lambda: { use_docker: false } })
    await fetch(`${started}/moto-api/config`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
    return { url: started, stop }
  }
  await stop()
  throw new Error(`moto did not start:\n${said}`)
}
