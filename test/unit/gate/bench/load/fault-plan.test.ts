import { describe, expect, it } from 'vitest'
import { planFaults } from '../../../../../infra/emulators/aws/faults.ts'
import { operationsOnThePath, planHangUp, planTroubles } from '../../../../gate/bench/load/fault-plan.ts'

const rate = 0.05
const calm = { rate, seed: 1, timeouts: false }

/** How many of `calls` calls of one operation go wrong, and in which ways. */
function simulate(options: typeof calm, calls: number): { readonly failed: number; readonly ways: Set<string> } {
  const plan = planFaults({ faults: planTroubles(options), knownOperations: new Set(operationsOnThePath) })
  const ways = new Set<string>()
  let failed = 0
  for (let call = 0; call < calls; call += 1) {
    const { before, after } = plan('AdminCreateUser')
    if (before !== undefined) ways.add(`${before} before`)
    if (after !== undefined) ways.add(`${after} after`)
    if (before !== undefined || after !== undefined) failed += 1
  }
  return { failed, ways }
}

describe('the troubles of the load run', () => {
  it('come to every operation on the path in every passing way, and a denied call is none of them', () => {
    const faults = planTroubles(calm)
    const ways = ['throttled before', 'internal_error before', 'connection_reset before']
    const lostAnswers = ['internal_error after', 'connection_reset after']

    for (const operation of operationsOnThePath) {
      const own = faults.filter((fault) => fault.operation === operation)
      expect(own.map(({ kind, when }) => `${kind} ${when}`)).toEqual([...ways, ...lostAnswers])
    }
  })

  it('include silence only where it is asked for', () => {
    const silent = planTroubles({ ...calm, timeouts: true }).filter(({ kind }) => kind === 'timeout')

    expect(silent.map(({ when }) => when)).toEqual(operationsOnThePath.flatMap(() => ['before', 'after']))
    expect(planTroubles(calm).some(({ kind }) => kind === 'timeout')).toBe(false)
  })

  it.each([false, true])('make the asked-for share of calls fail in all ways together (time-outs: %s)', (timeouts) => {
    const { failed, ways } = simulate({ ...calm, timeouts }, 20_000)

    expect(failed / 20_000).toBeGreaterThan(0.045)
    expect(failed / 20_000).toBeLessThan(0.055)
    expect(ways.size).toBe(timeouts ? 7 : 5)
  })

  it('draw for each fault on its own, so that they do not all strike the same calls', () => {
    const seeds = planTroubles(calm).map(({ calls }) => ('seed' in calls ? calls.seed : undefined))

    expect(new Set(seeds).size).toBe(seeds.length)
  })

  it('are others with another seed, and none at a rate of 0', () => {
    expect(planTroubles({ ...calm, seed: 2 })).not.toEqual(planTroubles(calm))
    expect(simulate({ ...calm, rate: 0 }, 2_000).failed).toBe(0)
  })
})

describe('the hang-ups of the load run', () => {
  const plan = (seed: number, share = rate): (number | undefined)[] =>
    Array.from({ length: 10_000 }, (_, index) => planHangUp(index, { rate: share, seed }))

  it('come to the asked-for share of creations, spread over the time that a request takes', () => {
    const hangUps = plan(1).filter((afterMs) => afterMs !== undefined)

    expect(hangUps.length).toBeGreaterThan(450)
    expect(hangUps.length).toBeLessThan(550)
    expect(Math.min(...hangUps)).toBeGreaterThanOrEqual(0)
    expect(Math.min(...hangUps)).toBeLessThan(20)
    expect(Math.max(...hangUps)).toBeGreaterThan(380)
    expect(Math.max(...hangUps)).toBeLessThanOrEqual(400)
  })

  it('follow from the seed', () => {
    expect(plan(1)).toEqual(plan(1))
    expect(plan(2)).not.toEqual(plan(1))
  })

  it('do not happen at a rate of 0', () => {
    expect(plan(1, 0).every((afterMs) => afterMs === undefined)).toBe(true)
  })
})
