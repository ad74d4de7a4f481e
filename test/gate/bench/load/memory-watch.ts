// Watches the memory of the pair while it works; it holds a sample for every tenth of the work and no more.

export type MemoryMeasures = {
  /** Of the process, and of this thread's heap, garbage included. */
  readonly usage: () => { readonly rss: number; readonly heapUsed: number }
  /** Of all threads together, garbage not included. It costs a garbage collection. */
  readonly heldHeapBytes: () => Promise<number>
}

export type MemorySample = { readonly percent: number; readonly rssBytes: number; readonly heldHeapBytes: number }

export type MemorySummary = {
  readonly samples: readonly MemorySample[]
  readonly peakRssBytes: number
  /** Of the main thread. The functions' threads have heaps of their own, which count in rss. */
  readonly peakHeapBytes: number
  /** The largest later sample over the first one: near 1 when memory does not grow with the number of requests. */
  readonly growth: { readonly rss: number; readonly heldHeap: number }
}

export type MemoryWatch = {
  /** To be called after each piece of work. */
  note(progress: { readonly done: number; readonly count: number }): void
  /** To be called now and then, for the peaks. */
  look(): void
  summary(): Promise<MemorySummary>
}

const stepPercent = 10

export function createMemoryWatch(measures: MemoryMeasures): MemoryWatch {
  const samples: Promise<MemorySample>[] = []
  let sampledPercent = 0
  let peakRssBytes = 0
  let peakHeapBytes = 0

  const look = (): number => {
    const { rss, heapUsed } = measures.usage()
    peakRssBytes = Math.max(peakRssBytes, rss)
    peakHeapBytes = Math.max(peakHeapBytes, heapUsed)
    return rss
  }
  const sample = async (percent: number): Promise<MemorySample> => {
    const rssBytes = look()
    return { percent, rssBytes, heldHeapBytes: await measures.heldHeapBytes() }
  }

  return {
    note: ({ done, count }) => {
      const percent = Math.floor((done / count) * (100 / stepPercent)) * stepPercent
      if (percent <= sampledPercent) return
      sampledPercent = percent
      samples.push(sample(percent))
    },
    look: () => {
      look()
    },
    summary: async () => {
      const taken = await Promise.all(samples)
      const growth = {
        rss: growthOf(taken.map(({ rssBytes }) => rssBytes)),
        heldHeap: growthOf(taken.map((each) => each.heldHeapBytes)),
      }
      return { samples: taken, peakRssBytes, peakHeapBytes, growth }
    },
  }
}

function growthOf([first = NaN, ...later]: readonly number[]): number {
  return later.length === 0 ? 1 : Math.max(...later) / first
}
