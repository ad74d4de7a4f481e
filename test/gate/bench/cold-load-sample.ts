// Takes one sample of a cold load in a Node process of its own, which sees no environment but the function's.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { stat } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import * as z from 'zod/mini'

export type ColdFunction = {
  readonly module: URL
  readonly environment: Readonly<Record<string, string>>
  /** Absent: the function is loaded and not called. */
  readonly event?: unknown
  /** Whether the answer to `event` is what it should be: a function that fails fast must not win. */
  readonly accepts?: (answer: unknown) => boolean
}

/** `cpuMs` is that of all threads of the process: a busy machine disturbs it less. */
export type Duration = { readonly wallMs: number; readonly cpuMs: number }

export type ColdSample = {
  /** Of `import(module)`, inside the process. */
  readonly load: Duration
  /** Of the first answer, once loaded; 0 without an event. */
  readonly response: Duration
  /** Resident memory of the whole process, Node's own included, when the module is loaded. */
  readonly rssBytes: number
  /** Of the module, and of the CommonJS files that it loads from packages. */
  readonly bytes: number
}

const sampleProcess = fileURLToPath(new URL('./cold-load-sample.mjs', import.meta.url))

const duration = z.object({ wallMs: z.number(), cpuMs: z.number() })

const report = z.object({
  load: duration,
  response: duration,
  rssBytes: z.number(),
  packageFiles: z.array(z.string()),
  answer: z.optional(z.unknown()),
})

/** Rejects when the process fails or the answer is not accepted, with what the process said to its standard error. */
export async function takeColdSample(cold: ColdFunction): Promise<ColdSample> {
  const { module, environment, event, accepts = () => true } = cold
  const child = spawn(process.execPath, [sampleProcess, JSON.stringify({ module: module.href, event })], {
    env: { ...environment },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  })
  const read = (descriptor: 2 | 3): Promise<string> => text(child.stdio[descriptor] as Readable)
  const [reported, complaint] = await Promise.all([read(3), read(2), once(child, 'close')])
  if (reported === '') throw new Error(`${module.href} could not be loaded or called:\n${complaint}`)
  const { packageFiles, answer, ...measured } = report.parse(JSON.parse(reported))
  if (!accepts(answer)) throw new Error(`${module.href} answered with ${JSON.stringify(answer)}`)
  const sizes = await Promise.all([module, ...packageFiles].map(async (file) => (await stat(file)).size))
  return { ...measured, bytes: sizes.reduce((sum, size) => sum + size, 0) }
}
