import { describe, expect, it } from 'vitest'
import { percentilesOf } from '../../../../gate/bench/load/percentiles.ts'

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

describe('percentiles', () => {
  it('are the values at their nearest rank', () => {
    expect(percentilesOf(upTo(100))).toEqual({ p50: 50, p95: 95, p99: 99 })
    expect(percentilesOf(upTo(101))).toEqual({ p50: 51, p95: 96, p99: 100 })
  })

  it('sort by number and leave the values as they were', () => {
    const values = [100, 9, 20]

    expect(percentilesOf(values)).toEqual({ p50: 20, p95: 100, p99: 100 })
    expect(values).toEqual([100, 9, 20])
  })

  it('of one value are that value', () => {
    expect(percentilesOf([7])).toEqual({ p50: 7, p95: 7, p99: 7 })
  })

  it('of nothing are refused', () => {
    expect(() => percentilesOf([])).toThrow(new RangeError('there are no percentiles of nothing'))
  })
})
