// What Latchkey counts for its operators; a metric has a fixed name and no value of a request in it.
import { Metrics as PowertoolsMetrics, MetricUnit } from '@aws-lambda-powertools/metrics'

/** Each of these deserves a look when it moves; none of them moves because a stranger sent a bad request. */
export type MetricName = 'MachineSignInStopped' | 'PartialProvision'

export type Metrics = { count(name: MetricName): void }

/** CloudWatch metrics in the embedded metric format, one line on standard output for each count. */
export function createPowertoolsMetrics(service: string): Metrics {
  const powertools = new PowertoolsMetrics({ namespace: 'Latchkey', serviceName: service })
  return {
    count: (name) => {
      powertools.singleMetric().addMetric(name, MetricUnit.Count, 1)
    },
  }
}
