// Runs `serverless offline start` as a process of its own, which never outlives this one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const serverless = resolve(import.meta.dirname, '../../node_modules/serverless/bin/serverless.js')

export type Framework = {
  /** Resolves when it serves; rejects when it ends before. What it prints says why. */
  readonly serving: Promise<void>
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>
  /** As Ctrl-C does. What has not ended by itself after ten seconds is killed. */
  close(): Promise<void>
}

export function startFramework(options: {
  readonly folder: string
  readonly port: number
  readonly environment: Readonly<Record<string, string>>
}): Framework {
  const ports = ['--httpPort', String(options.port), '--lambdaPort', '0']
  const child = spawn(
    process.execPath,
    [serverless, 'offline', 'start', '--host', host, ...ports, '--noSponsor'],
    // The channel is how it says that it serves, and how it knows that this process is gone.
    { cwd: options.folder, env: { ...options.environment }, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
  )
  const ended = once(child, 'exit').then(() => undefined)
  const failed = async (): Promise<never> => {
    await ended
    throw new Error('serverless offline ended before it served.')
  }
  return {
    serving: Promise.race([once(child, 'message').then(() => undefined), failed()]),
    ended,
    close: async () => {
      child.kill('SIGTERM')
      const patience = new AbortController()
      await Promise.race([ended, sleep(10_000, undefined, { signal: patience.signal })])
      patience.abort()
      child.kill('SIGKILL')
      await ended
    },
  }
}

export const host = '127.0.0.1'

/** `port`, or a free one for 0. Rejects with EADDRINUSE when it is taken. */
export async function findPort(port: number): Promise<number> {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : port
}
