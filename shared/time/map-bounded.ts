// Works on many things at a time, but not on all of them.

/**
 * What `work` gives for each item, in their order; it has no more than `atOnce` of them in hand. After the first failure,
 * which is thrown once those in hand are done, none is begun.
 */
export async function mapBounded<Item, Result>(
  items: readonly Item[],
  { atOnce }: { readonly atOnce: number },
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const failures: unknown[] = []
  const queue = items.entries()
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      try {
        results[index] = await work(item, index)
      } catch (error) {
        failures.push(error)
      }
      if (failures.length > 0) return
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker))
  if (failures.length > 0) throw failures[0]
  return results
}
