// Percentiles by the nearest-rank method: each one is a value that was measured.

export type Percentiles = { readonly p50: number; readonly p95: number; readonly p99: number }

/** Of at least one value, in any order. Throws RangeError for none. */
export function percentilesOf(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort()
  const at = (share: number): number => {
    const value = sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]
    if (value === undefined) throw new RangeError('there are no percentiles of nothing')
    return value
  }
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}
