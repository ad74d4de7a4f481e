// Runs the project's commands as processes of their own, with nothing in their environment but what a test says.
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { once } from 'node:events'

const root = new URL('../../', import.meta.url)

export type Command = { readonly child: ChildProcessWithoutNullStreams; readonly text: () => string }

export function run(
  file: string,
  { environment = {}, args = [] }: { environment?: Record<string, string>; args?: readonly string[] } = {},
): Command {
  const child = spawn(process.execPath, [file, ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', NO_COLOR: '1', ...environment },
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  return { child, text: () => text }
}

export const ended = async ({ child }: Command): Promise<number | null> =>
  child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0]

/** Resolves once the command has written `wanted`; rejects with all that it wrote when it ends before. */
export async function shows({ child, text }: Command, wanted: RegExp): Promise<void> {
  while (!wanted.test(text())) {
    if (child.exitCode !== null) throw new Error(`ended with ${child.exitCode}: ${text()}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** For `npm start`, wherever it listens. */
export const freePorts = { PORT_APP1: '0', PORT_APP2: '0', PORT_AWS: '0', PORT_DOCS: '0' }
