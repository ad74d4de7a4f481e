// How much heap this thread holds when all that nobody needs is collected; it stops the thread for as long as that takes.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

export function heldHeapBytes(): number {
  collect ??= exposeCollector()
  collect()
  return process.memoryUsage().heapUsed
}

/** Contexts that are made after the flag was set have a `gc`; the command line need not ask for it. */
function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
