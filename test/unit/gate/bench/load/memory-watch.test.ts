import { describe, expect, it } from 'vitest'
import { createMemoryWatch, type MemoryWatch } from '../../../../gate/bench/load/memory-watch.ts'

/** Each look at rss, and each look at the held heap, gives the next of the values, and the last one for ever. */
function watching(values: { readonly rss: readonly number[]; readonly held: readonly number[] }): MemoryWatch {
  const next = (list: readonly number[]): (() => number) => {
    let taken = 0
    return () => list[Math.min(taken++, list.length - 1)] ?? NaN
  }
  const [rss, held] = [next(values.rss), next(values.held)]
  return createMemoryWatch({
    usage: () => {
      const bytes = rss()
      return { rss: bytes, heapUsed: bytes / 10 }
    },
    heldHeapBytes: () => Promise.resolve(held()),
  })
}

describe('the memory watch', () => {
  it('takes one sample at each tenth, however many pieces of work that is', async () => {
    const watch = watching({ rss: [100], held: [50] })

    for (let done = 1; done <= 1_000; done += 1) watch.note({ done, count: 1_000 })
    const { samples } = await watch.summary()

    expect(samples.map(({ percent }) => percent)).toEqual([10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
    expect(samples[0]).toEqual({ percent: 10, rssBytes: 100, heldHeapBytes: 50 })
  })

  it('takes the first sample at the first tenth and not before', async () => {
    const watch = watching({ rss: [100], held: [50] })

    watch.note({ done: 99, count: 1_000 })
    const early = (await watch.summary()).samples
    watch.note({ done: 100, count: 1_000 })

    expect(early).toEqual([])
    expect((await watch.summary()).samples).toHaveLength(1)
  })

  it('says by how much the largest later sample exceeds the first, even if memory fell again', async () => {
    const watch = watching({ rss: [200, 300, 100], held: [10, 15, 11] })

    for (const done of [1, 5, 10]) watch.note({ done, count: 10 })

    expect((await watch.summary()).growth).toEqual({ rss: 1.5, heldHeap: 1.5 })
  })

  it('speaks of no growth after a single sample', async () => {
    const watch = watching({ rss: [200], held: [10] })

    watch.note({ done: 1, count: 1 })

    expect(await watch.summary()).toMatchObject({ samples: [{ percent: 100 }], growth: { rss: 1, heldHeap: 1 } })
  })

  it('keeps the peaks of what it saw between the samples', async () => {
    const watch = watching({ rss: [100, 900, 200], held: [1] })

    watch.look()
    watch.look()
    watch.note({ done: 1, count: 1 })

    expect(await watch.summary()).toMatchObject({ peakRssBytes: 900, peakHeapBytes: 90 })
  })
})
