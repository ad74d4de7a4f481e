// Starts a function in a Node process of its own, which sees no environment but the function's, and has it answer there.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import * as z from 'zod/mini'
import { processorShare, type ProcessorLimit } from './processor-share.ts'

export type ColdFunction = { readonly module: URL; readonly environment: Readonly<Record<string, string>> }

/** `cpuMs` is that of all threads of the process: a busy machine disturbs it less. */
export type Duration = { readonly wallMs: number; readonly cpuMs: number }

export type Processor = {
  readonly memoryMb: number
  /** Absent: nothing is held to its share, and the time of an answer is its processor time by the share. */
  readonly limit?: ProcessorLimit | undefined
}

export type ColdProcess = {
  /** Of `import(module)` on a whole processor, a top-level await included. */
  readonly init: Duration
  /** Of each answer so far, under the share; the first one is the cold one. */
  readonly answers: readonly Duration[]
  /** One at a time. Rejects when the handler throws. */
  answer(event: unknown): Promise<unknown>
  close(): Promise<void>
}

const program = fileURLToPath(new URL('./cold-process.mjs', import.meta.url))

const reported = z.object({
  duration: z.object({ wallMs: z.number(), cpuMs: z.number() }),
  answer: z.optional(z.unknown()),
})

/** The share holds from the end of init on. Rejects when the module cannot be loaded, with what the process said. */
export async function startColdProcess(
  { module, environment }: ColdFunction,
  { memoryMb, limit }: Processor,
): Promise<ColdProcess> {
  const share = processorShare(memoryMb)
  const child = spawn(process.execPath, [program, module.href], {
    env: { ...environment },
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
  })
  const [stdin, , stderr, reports] = child.stdio as [Writable, null, Readable, Readable, undefined]
  // Of a process that is gone; its report will be missing.
  stdin.on('error', () => undefined)
  const complaint = text(stderr)
  const exited = once(child, 'close')
  const lines = createInterface({ input: reports })[Symbol.asyncIterator]()
  const nextReport = async (): Promise<z.infer<typeof reported>> => {
    const line = await lines.next()
    if (line.done === true) throw new Error(`${module.href} could not be loaded or called:\n${await complaint}`)
    return reported.parse(JSON.parse(line.value))
  }

  const { duration: init } = await nextReport()
  const limited = child.pid === undefined ? undefined : await limit?.limit(child.pid, share)
  const answers: Duration[] = []
  return {
    init,
    answers,
    async answer(event) {
      stdin.write(`${JSON.stringify(event)}\n`)
      const { duration, answer } = await nextReport()
      answers.push(limited ? duration : { ...duration, wallMs: duration.cpuMs / share })
      return answer
    },
    async close() {
      stdin.end()
      await exited
      await limited?.remove()
    },
  }
}
