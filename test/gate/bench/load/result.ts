// Words what came of a load run; it holds no name, key or password of a user.
import type { CreationRecord } from './creation.ts'
import type { Tally } from './tally.ts'

export function hasPassed({ incomplete, lost, doubled }: Tally): boolean {
  return incomplete === 0 && lost === 0 && doubled === 0
}

export function resultText(run: {
  readonly tally: Tally
  readonly records: readonly CreationRecord[]
  readonly elapsedMs: number
  readonly aws: { readonly calls: number; readonly failedCalls: number }
}): string {
  const { tally, records, elapsedMs, aws } = run
  const requests = records.reduce((sum, record) => sum + record.requests, 0)
  const refused = Object.values(tally.refused).reduce((sum, times) => sum + times, 0)
  const perSecond = (tally.createdOnce * 1000) / elapsedMs
  return [
    `  created once ${tally.createdOnce}, refused finally ${refused}${byName(tally.refused)}`,
    `  incomplete ${tally.incomplete}, lost ${tally.lost}, doubled ${tally.doubled}`,
    `  ${requests} requests, repeats among them${byName(countEach(records.flatMap((record) => record.repeatedFor)))}`,
    `  ${aws.calls} calls to AWS, of which ${aws.failedCalls} failed`,
    `  ${perSecond.toFixed(0)} users/s, ${(elapsedMs / 1000).toFixed(1)} s in all`,
  ].join('\n')
}

function byName(counts: Readonly<Record<string, number>>): string {
  const entries = Object.entries(counts).map(([name, times]) => `${name} ${times}`)
  return `: ${entries.join(', ') || 'none'}`
}

function countEach(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1
  return counts
}
