import { afterEach, describe, expect, it, vi } from 'vitest'
import type { TestModule } from 'vitest/node'
import AttackReporter from '../../attacks/support/attack-reporter.ts'
import { countAttack, type AttackCount } from '../../attacks/support/repel.ts'

/** A module as vitest hands it over, with these counts among its tests, and a test that is no attack. */
const moduleOf = (...counts: AttackCount[]): TestModule => {
  const tests = [{ meta: () => ({}) }, ...counts.map((attack) => ({ meta: () => ({ attack }) }))]
  return { children: { allTests: () => tests.values() } } as unknown as TestModule
}

const printed = (...modules: TestModule[]): string[] => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  new AttackReporter().onTestRunEnd(modules)
  return write.mock.calls.map(([text]) => String(text))
}

afterEach(() => vi.restoreAllMocks())

describe('the count of the attacks', () => {
  it('is over all modules of the run, an attack for each test that was one', () => {
    const lines = printed(
      moduleOf({ attempts: 4, allowed: 0 }, { attempts: 1, allowed: 0 }),
      moduleOf({ attempts: 2, allowed: 0 }),
    )

    expect(lines).toEqual(['3 attacks tried, 0 allowed (7 attempts)\n'])
  })

  it('says how many got through', () => {
    expect(printed(moduleOf({ attempts: 4, allowed: 2 }, { attempts: 1, allowed: 0 }))).toEqual([
      '2 attacks tried, 1 allowed (5 attempts)\n',
    ])
  })

  it('is not printed where no attack ran', () => {
    expect(printed(moduleOf())).toEqual([])
  })

  it('adds up what one test tries at several times', () => {
    const task = { meta: {} } as Parameters<typeof countAttack>[0]

    countAttack(task, [false, false])
    countAttack(task, [true])

    expect(task.meta.attack).toEqual({ attempts: 3, allowed: 1 })
  })
})
