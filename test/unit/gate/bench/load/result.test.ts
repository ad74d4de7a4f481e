import { describe, expect, it } from 'vitest'
import type { CreationRecord } from '../../../../gate/bench/load/creation.ts'
import { resultText } from '../../../../gate/bench/load/result-text.ts'
import { toResult, type LoadResult } from '../../../../gate/bench/load/result.ts'
import type { Tally } from '../../../../gate/bench/load/tally.ts'

const record = (changes: Partial<CreationRecord>): CreationRecord => ({
  username: 'ada',
  humanUserId: 'alice',
  verdict: { kind: 'created', user: { createdAt: '2026-01-01T00:00:00.000Z', provisioningId: 'v1.a' } },
  requests: 1,
  answerMs: [20],
  totalMs: 20,
  repeatedFor: [],
  ...changes,
})

const good: Tally = { createdOnce: 3, refused: {}, incomplete: 0, lost: 0, doubled: 0, findings: [] }

const result = (tally: Partial<Tally> = {}, records: readonly CreationRecord[] = repeated): LoadResult =>
  toResult({
    options: {
      count: 3,
      concurrency: 2,
      faultRate: 0.05,
      quotaScale: 20,
      seed: 9,
      timeouts: false,
      json: '/home/alice/out.json',
    },
    tally: { ...good, ...tally },
    records,
    elapsedMs: 1_500,
    aws: { calls: 5_400, failedCalls: 270, initiateAuthCalls: 1, peakRssBytes: 100 * 2 ** 20 },
    memory: {
      samples: [
        { percent: 10, rssBytes: 200 * 2 ** 20, heldHeapBytes: 50 * 2 ** 20 },
        { percent: 100, rssBytes: 300 * 2 ** 20, heldHeapBytes: 51 * 2 ** 20 },
      ],
      peakRssBytes: 310 * 2 ** 20,
      peakHeapBytes: 40 * 2 ** 20,
      growth: { rss: 1.5, heldHeap: 1.02 },
    },
  })

const repeated = [
  record({}),
  record({ requests: 2, answerMs: [30], totalMs: 80, repeatedFor: ['hung_up'] }),
  record({ requests: 3, answerMs: [5, 40], totalMs: 1_200, repeatedFor: ['throttled', 'hung_up'] }),
]

describe('the result of a load run', () => {
  it('holds every figure under a stable name, and nothing of a user or of the machine', () => {
    expect(result()).toEqual({
      options: { count: 3, concurrency: 2, fault_rate: 0.05, quota_scale: 20, seed: 9, timeouts: false },
      passed: true,
      created_once: 3,
      refused_finally: {},
      half_made: 0,
      lost: 0,
      doubled: 0,
      requests: 6,
      repeats: { hung_up: 2, throttled: 1 },
      seconds: 1.5,
      creations_per_second: 2,
      request_ms: { p50: 20, p95: 40, p99: 40 },
      creation_ms: { p50: 80, p95: 1_200, p99: 1_200 },
      aws_calls: 5_400,
      aws_failed_calls: 270,
      initiate_auth_calls: 1,
      memory: {
        peak_rss_bytes: 310 * 2 ** 20,
        peak_heap_bytes: 40 * 2 ** 20,
        local_aws_peak_rss_bytes: 100 * 2 ** 20,
        samples: [
          { percent: 10, rss_bytes: 200 * 2 ** 20, held_heap_bytes: 50 * 2 ** 20 },
          { percent: 100, rss_bytes: 300 * 2 ** 20, held_heap_bytes: 51 * 2 ** 20 },
        ],
        rss_growth: 1.5,
        held_heap_growth: 1.02,
      },
    })
  })

  it.each(['incomplete', 'lost', 'doubled'] as const)('is failed by a single one that is %s', (kind) => {
    expect(result({ [kind]: 1 }).passed).toBe(false)
  })

  it('is not failed by final refusals', () => {
    expect(result({ createdOnce: 2, refused: { weak_password: 1 } }).passed).toBe(true)
  })
})

describe('the text of the result', () => {
  it('says each figure on a line of its own', () => {
    expect(resultText(result({ createdOnce: 1_000 })).split('\n')).toEqual([
      '  created once     1,000',
      '  refused finally  0',
      '  incomplete       0',
      '  lost             0',
      '  doubled          0',
      '  requests         6, repeats among them: hung_up 2, throttled 1',
      '  one request      p50 20 ms, p95 40 ms, p99 40 ms',
      '  one creation     p50 80 ms, p95 1200 ms, p99 1200 ms, repeats and waits included',
      '  throughput       667 users/s, 1.5 s in all',
      '  calls to AWS     5,400, of which 270 failed',
      '  InitiateAuth     1',
      '  peak memory      310 MiB rss, 40 MiB heap of the main thread',
      '  rss by tenths    200 300 MiB, growth × 1.50',
      '  held by tenths   50 51 MiB, growth × 1.02',
      '  local AWS        100 MiB rss at its peak, in a process of its own',
    ])
  })

  it('names the codes of refusals, the most frequent first, and says where nothing was repeated', () => {
    const text = resultText(result({ refused: { forbidden: 1, weak_password: 2 } }, [record({})]))

    expect(text).toContain('  refused finally  3: weak_password 2, forbidden 1\n')
    expect(text).toContain('  requests         1, repeats among them: none\n')
  })
})
