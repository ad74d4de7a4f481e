// Words the result of a load run for a terminal; the figures are result.ts's.
import type { Percentiles } from './percentiles.ts'
import type { LoadResult } from './result.ts'

export function resultText(result: LoadResult): string {
  const { memory } = result
  const refused = Object.values(result.refused_finally).reduce((sum, times) => sum + times, 0)
  const rows: readonly (readonly [label: string, text: string])[] = [
    ['created once', count(result.created_once)],
    ['refused finally', `${count(refused)}${byName(result.refused_finally)}`],
    ['incomplete', count(result.half_made)],
    ['lost', count(result.lost)],
    ['doubled', count(result.doubled)],
    ['requests', `${count(result.requests)}, repeats among them${byName(result.repeats) || ': none'}`],
    ['one request', latencies(result.request_ms)],
    ['one creation', `${latencies(result.creation_ms)}, repeats and waits included`],
    ['throughput', `${result.creations_per_second.toFixed(0)} users/s, ${result.seconds.toFixed(1)} s in all`],
    ['calls to AWS', `${count(result.aws_calls)}, of which ${count(result.aws_failed_calls)} failed`],
    ['InitiateAuth', count(result.initiate_auth_calls)],
    [
      'peak memory',
      `${megabytes(memory.peak_rss_bytes)} rss, ${megabytes(memory.peak_heap_bytes)} heap of the main thread`,
    ],
    [
      'rss by tenths',
      byTenths(
        memory.samples.map((sample) => sample.rss_bytes),
        memory.rss_growth,
      ),
    ],
    [
      'held by tenths',
      byTenths(
        memory.samples.map((sample) => sample.held_heap_bytes),
        memory.held_heap_growth,
      ),
    ],
    ['local AWS', `${megabytes(memory.local_aws_peak_rss_bytes)} rss at its peak, in a process of its own`],
  ]
  return rows.map(([label, text]) => `  ${label.padEnd(17)}${text}`).join('\n')
}

function count(value: number): string {
  return value.toLocaleString('en')
}

/** The most frequent first; empty when there is nothing to say. */
function byName(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).sort(([, one], [, other]) => other - one)
  return entries.length === 0 ? '' : `: ${entries.map(([name, times]) => `${name} ${count(times)}`).join(', ')}`
}

function latencies({ p50, p95, p99 }: Percentiles): string {
  return `p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`
}

function byTenths(bytes: readonly number[], growth: number): string {
  return `${bytes.map((value) => (value / 2 ** 20).toFixed(0)).join(' ')} MiB, growth × ${growth.toFixed(2)}`
}
