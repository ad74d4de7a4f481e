// What a run prints: how far it is, each failure with the command that plays it again, and the counts.
import { paint } from '#infra/local/terminal.ts'
import type { ViolationKind } from './judge.ts'
import type { CaseCounts } from './play-case.ts'
import type { Played } from './worker.ts'

export type Report = {
  /** `total` more cases are about to be played. */
  expect(total: number): void
  add(played: Played): void
  /** The last lines, and whether all was well. */
  finish(summary: string): boolean
}

const names: Record<ViolationKind, string> = {
  incomplete: 'incomplete',
  taken_over: 'taken over',
  untrue_answer: 'untrue answers',
  leak: 'leaks',
  password_offered_again: 'rejected passwords offered again',
}

/** A line for so many cases. */
const linesEvery = 200

export function createReport(): Report {
  const found = new Map<ViolationKind, number>()
  let total = 0
  let done = 0
  let broken = 0
  const counts: Record<keyof CaseCounts, number> = { shutOutAtFirst: 0, repeatedLater: 0, orphans: 0 }

  const failure = (id: string, lines: readonly string[]): void => {
    console.log(`  ${paint('red', '✗')} ${id}`)
    for (const line of lines) console.log(`      ${line}`)
    console.log(`      node test/gate/faults/run.ts --case '${id}'`)
  }

  return {
    expect: (more) => {
      total += more
    },
    add: (played) => {
      done += 1
      if ('counts' in played) {
        for (const name of Object.keys(counts) as (keyof CaseCounts)[]) counts[name] += played.counts[name]
      }
      if ('broken' in played) {
        broken += 1
        failure(played.id, [`could not be played: ${played.broken}`])
      } else if (played.violations.length > 0) {
        for (const kind of new Set(played.violations.map(({ kind }) => kind))) {
          found.set(kind, (found.get(kind) ?? 0) + 1)
        }
        const lines = played.violations.map(({ kind, text }) => `${names[kind]}: ${text}`)
        failure(played.id, lines)
      }
      if (done % linesEvery === 0 || done === total) console.log(`  ${done} of ${total} cases`)
    },
    finish: (summary) => {
      const count = (kind: ViolationKind): string => `${found.get(kind) ?? 0} ${names[kind]}`
      console.log(
        `Generated passwords: ${counts.shutOutAtFirst} not in their secret before the repeat, which was told to come again ` +
          `in ${counts.repeatedLater} cases; ${counts.orphans} secrets of users that an operator deleted`,
      )
      console.log(`${summary}\n${broken} that could not be played, ${count('password_offered_again')}`)
      const last = (['incomplete', 'taken_over', 'untrue_answer', 'leak'] as const).map(count).join(', ')
      const isWell = found.size === 0 && broken === 0
      console.log(paint(isWell ? 'green' : 'red', last))
      return isWell
    },
  }
}
