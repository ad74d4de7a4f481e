// A vitest reporter that says how many attacks a run has tried and how many got through; silent where there were none.
import type { Reporter, TestModule } from 'vitest/node'
import type { AttackCount } from './repel.ts'

export default class AttackReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = modules.flatMap((module) => [...module.children.allTests()].flatMap((test) => countOf(test.meta())))
    if (counts.length === 0) return
    const attempts = sum(counts.map((count) => count.attempts))
    const allowed = counts.filter((count) => count.allowed > 0).length
    process.stdout.write(`${counts.length} attacks tried, ${allowed} allowed (${attempts} attempts)\n`)
  }
}

function countOf({ attack }: { attack?: AttackCount }): AttackCount[] {
  return attack === undefined ? [] : [attack]
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
