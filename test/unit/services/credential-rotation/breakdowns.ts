// Every way in which one call of a rotation can break, for the tests that repeat a rotation after each of them.
import type { FaultKind } from '../../../../infra/emulators/aws/faults.ts'
import type { RotationBench } from './rotation-bench.ts'

export type Breakdown = {
  readonly operation: string
  readonly nth: number
  readonly kind: FaultKind
  readonly when: 'before' | 'after'
}

/** Every call that a rotation makes, failing before its effect, and after it. */
export async function breakdownsOf(bench: RotationBench, secretArn?: string): Promise<Breakdown[]> {
  const earlier = bench.aws.calls.length
  await bench.rotate(secretArn === undefined ? {} : { secretArn })
  const counts = new Map<string, number>()
  return bench.aws.calls.slice(earlier).flatMap(({ operation }) => {
    const nth = (counts.get(operation) ?? 0) + 1
    counts.set(operation, nth)
    return [
      { operation, nth, kind: 'internal_error', when: 'before' },
      { operation, nth, kind: 'connection_reset', when: 'after' },
    ] as const
  })
}
