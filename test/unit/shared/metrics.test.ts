import { describe, expect, it, vi } from 'vitest'
import { createPowertoolsMetrics } from '../../../shared/metrics.ts'

describe('createPowertoolsMetrics', () => {
  it('prints one line of the embedded metric format for each count, with the service as its only dimension', () => {
    vi.stubEnv('POWERTOOLS_DEV', 'true')
    // Development mode switches metrics off unless it is told not to.
    vi.stubEnv('POWERTOOLS_METRICS_DISABLED', 'false')
    const printed: string[] = []
    vi.spyOn(console, 'log').mockImplementation((text: string) => void printed.push(text))
    const metrics = createPowertoolsMetrics('svc')

    metrics.count('PartialProvision')
    metrics.count('PartialProvision')

    expect(printed.map((line) => JSON.parse(line) as unknown)).toEqual(
      Array.from({ length: 2 }, () => ({
        _aws: {
          Timestamp: expect.any(Number) as number,
          CloudWatchMetrics: [
            {
              Namespace: 'Latchkey',
              Dimensions: [['service']],
              Metrics: [{ Name: 'PartialProvision', Unit: 'Count' }],
            },
          ],
        },
        service: 'svc',
        PartialProvision: 1,
      })),
    )
  })
})
