// Brings the pair's functions up in threads, kills instances of job-worker, and knows how much heap the others hold.
import { inWorker, type WorkerFunction } from '../../../../infra/emulators/gateway/lambda-function.ts'
import type { FunctionDefinition } from '../../../../infra/local/pair.ts'
import { heapQuestion, probeUrl } from './heap-probe.ts'

export type BulkFunctions = {
  readonly start: (definition: FunctionDefinition) => WorkerFunction
  /** Ends an instance of job-worker in the middle of what it does; a new one takes its place. Never the first one. */
  readonly kill: (drawn: number) => Promise<void>
  /** Of job-worker so far, by code and reason. */
  readonly failedAttempts: () => FailedAttempts
  /** In bytes, after a collection: of jobs, and of the one job-worker that nobody kills. */
  readonly heldHeap: () => Promise<Heap>
}

export type FailedAttempts = Readonly<Record<string, number>>

export type Heap = { readonly jobs: number; readonly worker: number }

export function createBulkFunctions(): BulkFunctions {
  const measured = new Map<string, WorkerFunction>()
  const mortal: { kill: () => Promise<void> }[] = []
  const failed: Record<string, number> = {}

  const onOutput = (line: string): void => {
    const { code, reason } = line.includes('"message":"row not created"')
      ? (JSON.parse(line) as { readonly code?: string; readonly reason?: string })
      : {}
    if (code !== undefined) failed[`${code} ${reason}`] = (failed[`${code} ${reason}`] ?? 0) + 1
  }

  const startMortal = (definition: FunctionDefinition): WorkerFunction => {
    const startNew = () => inWorker({ ...definition, onOutput })
    let current = startNew()
    mortal.push({
      kill: async () => {
        const killed = current
        current = startNew()
        await killed.close()
      },
    })
    return { invoke: (event) => current.invoke(event), close: () => current.close() }
  }

  const start = (definition: FunctionDefinition): WorkerFunction => {
    const { name, handlerModule } = definition
    if (name !== 'jobs' && name !== 'job-worker') return inWorker(definition)
    if (measured.has(name)) return startMortal(definition)
    const probed = inWorker({ ...definition, onOutput, handlerModule: probeUrl(handlerModule) })
    measured.set(name, probed)
    return probed
  }

  const heldBy = async (name: string): Promise<number> => Number(await measured.get(name)?.invoke(heapQuestion))

  return {
    start,
    kill: async (drawn) => mortal[Math.floor(drawn * mortal.length)]?.kill(),
    failedAttempts: () => failed,
    heldHeap: async () => ({ jobs: await heldBy('jobs'), worker: await heldBy('job-worker') }),
  }
}
