// The result of a load run in figures, as `--json` writes them; it holds no name, key or password of a user.
import type { CreationRecord } from './creation.ts'
import type { AwsCounts } from './local-aws-process.ts'
import type { MemorySummary } from './memory-watch.ts'
import type { LoadOptions } from './options.ts'
import { percentilesOf, type Percentiles } from './percentiles.ts'
import type { Tally } from './tally.ts'

export type LoadResult = {
  readonly options: {
    readonly count: number
    readonly concurrency: number
    readonly fault_rate: number
    readonly quota_scale: number
    readonly seed: number
    readonly timeouts: boolean
  }
  readonly passed: boolean
  readonly created_once: number
  /** By code. */
  readonly refused_finally: Readonly<Record<string, number>>
  readonly half_made: number
  readonly lost: number
  readonly doubled: number
  readonly requests: number
  /** By the code of the answer that was repeated for, or what became of the answer. */
  readonly repeats: Readonly<Record<string, number>>
  readonly seconds: number
  readonly creations_per_second: number
  /** Of the requests whose caller did not hang up. */
  readonly request_ms: Percentiles
  /** From the first request to the final answer. */
  readonly creation_ms: Percentiles
  readonly aws_calls: number
  readonly aws_failed_calls: number
  readonly initiate_auth_calls: number
  readonly memory: {
    readonly peak_rss_bytes: number
    readonly peak_heap_bytes: number
    readonly local_aws_peak_rss_bytes: number
    /** After each tenth of the creations. */
    readonly samples: readonly {
      readonly percent: number
      readonly rss_bytes: number
      /** Of all threads of the pair, after a garbage collection. */
      readonly held_heap_bytes: number
    }[]
    /** The largest later sample over the first. */
    readonly rss_growth: number
    readonly held_heap_growth: number
  }
}

export function toResult(run: {
  readonly options: LoadOptions
  readonly tally: Tally
  readonly records: readonly CreationRecord[]
  readonly elapsedMs: number
  readonly aws: AwsCounts
  readonly memory: MemorySummary
}): LoadResult {
  const { count, concurrency, faultRate, quotaScale, seed, timeouts } = run.options
  const { createdOnce, refused, incomplete, lost, doubled } = run.tally
  return {
    options: { count, concurrency, fault_rate: faultRate, quota_scale: quotaScale, seed, timeouts },
    passed: incomplete === 0 && lost === 0 && doubled === 0,
    created_once: createdOnce,
    refused_finally: refused,
    half_made: incomplete,
    lost,
    doubled,
    requests: run.records.reduce((sum, { requests }) => sum + requests, 0),
    repeats: countEach(run.records.flatMap((record) => record.repeatedFor)),
    seconds: run.elapsedMs / 1000,
    creations_per_second: (createdOnce * 1000) / run.elapsedMs,
    request_ms: percentilesOf(run.records.flatMap(({ answerMs }) => answerMs)),
    creation_ms: percentilesOf(run.records.map(({ totalMs }) => totalMs)),
    aws_calls: run.aws.calls,
    aws_failed_calls: run.aws.failedCalls,
    initiate_auth_calls: run.aws.initiateAuthCalls,
    memory: {
      peak_rss_bytes: run.memory.peakRssBytes,
      peak_heap_bytes: run.memory.peakHeapBytes,
      local_aws_peak_rss_bytes: run.aws.peakRssBytes,
      samples: run.memory.samples.map(({ percent, rssBytes, heldHeapBytes }) => ({
        percent,
        rss_bytes: rssBytes,
        held_heap_bytes: heldHeapBytes,
      })),
      rss_growth: run.memory.growth.rss,
      held_heap_growth: run.memory.growth.heldHeap,
    },
  }
}

function countEach(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
