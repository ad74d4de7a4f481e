// Keeps so many creations under way at a time until all are done; it never starts one twice.

export type LoadPlan = { readonly count: number; readonly concurrency: number }

/**
 * The results of `create` for 0 up to `count`, in the order of their ends. At most `concurrency` are under way at any
 * moment. Rejects as soon as one of them does.
 */
export async function runLoad<T>(
  { count, concurrency }: LoadPlan,
  create: (index: number) => Promise<T>,
): Promise<readonly T[]> {
  const results: T[] = []
  let next = 0
  const work = async (): Promise<void> => {
    while (next < count) {
      results.push(await create(next++))
    }
  }
  await Promise.all(Array.from({ length: Math.min(count, concurrency) }, work))
  return results
}
