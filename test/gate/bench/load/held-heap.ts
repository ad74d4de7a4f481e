// How much heap this thread holds when all that nobody needs is collected; it stops the thread for as long as that takes.
import { collectGarbage } from '../collect-garbage.ts'

export function heldHeapBytes(): number {
  collectGarbage({ type: 'major' })
  return process.memoryUsage().heapUsed
}
