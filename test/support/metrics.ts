// Metrics for tests that keep what was counted.
import type { MetricName, Metrics } from '../../shared/metrics.ts'

export function recordingMetrics(): Metrics & { readonly counted: MetricName[] } {
  const counted: MetricName[] = []
  return { counted, count: (name) => counted.push(name) }
}
