// Collects what nobody needs any more, at once; it stops the thread for as long as that takes.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

let collect: (() => void) | undefined

export function collectGarbage(): void {
  collect ??= exposeCollector()
  collect()
}

/** Contexts that are made after the flag was set have a `gc`; the command line need not ask for it. */
function exposeCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}
