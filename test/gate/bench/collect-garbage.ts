// Collects what nobody needs any more, at once; it stops the thread for as long as that takes.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** `minor`: of what was made lately. */
type Collection = { readonly type: 'major' | 'minor' }

let collect: ((collection: Collection) => void) | undefined

export function collectGarbage(collection: Collection): void {
  collect ??= exposeCollector()
  collect(collection)
}

/** Contexts that are made after the flag was set have a `gc`; the command line need not ask for it. */
function exposeCollector(): (collection: Collection) => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as (collection: Collection) => void
}
