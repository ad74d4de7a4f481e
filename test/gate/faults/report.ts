// What a run prints: a bar while it goes on, each failure with the command that plays it again, and the counts.
import { paint } from '#infra/local/terminal.ts'
import type { ViolationKind } from './judge.ts'
import type { Played } from './worker.ts'

export type Report = {
  /** `total` more cases are about to be played. */
  expect(total: number): void
  add(played: Played): void
  /** The last lines, and whether all was well. */
  finish(summary: string): boolean
}

type Output = Pick<NodeJS.WriteStream, 'write' | 'isTTY' | 'columns'>

const names: Record<ViolationKind, string> = {
  half_made: 'incomplete',
  taken_over: 'taken over',
  untrue_answer: 'untrue answers',
  leak: 'leaks',
  password_offered_again: 'rejected passwords offered again',
}

/** Where there is no terminal to draw a bar on: a line for so many cases. */
const linesEvery = 200
const barWidth = 30

export function createReport({ output }: { readonly output: Output }): Report {
  const found = new Map<ViolationKind, number>()
  let total = 0
  let done = 0
  let broken = 0

  const progress = (): void => {
    if (!output.isTTY) {
      if (done % linesEvery === 0 || done === total) output.write(`  ${done} of ${total} cases\n`)
      return
    }
    const filled = Math.round((done / Math.max(1, total)) * barWidth)
    output.write(`\r  ${'█'.repeat(filled)}${'░'.repeat(barWidth - filled)} ${done} of ${total} cases `)
  }

  const failure = (id: string, lines: readonly string[]): void => {
    if (output.isTTY) output.write('\r\u001b[K')
    output.write(`  ${paint('red', '✗')} ${id}\n`)
    for (const line of lines) output.write(`      ${line}\n`)
    output.write(`      node test/gate/faults/run.ts --case '${id}'\n`)
  }

  return {
    expect: (more) => {
      total += more
    },
    add: (played) => {
      done += 1
      if ('broken' in played) {
        broken += 1
        failure(played.id, [`could not be played: ${played.broken}`])
      } else if (played.violations.length > 0) {
        for (const kind of new Set(played.violations.map(({ kind }) => kind))) {
          found.set(kind, (found.get(kind) ?? 0) + 1)
        }
        failure(
          played.id,
          played.violations.map(({ kind, text }) => `${names[kind]}: ${text}`),
        )
      }
      progress()
    },
    finish: (summary) => {
      const count = (kind: ViolationKind): string => `${found.get(kind) ?? 0} ${names[kind]}`
      if (output.isTTY) output.write('\r\u001b[K')
      output.write(`${summary}\n${broken} that could not be played, ${count('password_offered_again')}\n`)
      const last = (['half_made', 'taken_over', 'untrue_answer', 'leak'] as const).map(count).join(', ')
      const isWell = found.size === 0 && broken === 0
      output.write(`${paint(isWell ? 'green' : 'red', last)}\n`)
      return isWell
    },
  }
}
