import { describe, expect, it } from 'vitest'
import { missedGoals, summarize, type ColdStart, type ColdStartSummary } from './cold-load-judge.ts'

const start = (initCpuMs: number, firstCpuMs: number): ColdStart => ({
  init: { wallMs: 2 * initCpuMs, cpuMs: initCpuMs },
  first: { wallMs: 4 * firstCpuMs, cpuMs: firstCpuMs },
})

describe('the cold starts of a function', () => {
  it('are summarised by their medians', () => {
    const { init, first, sumCpuMs } = summarize([start(10, 5), start(30, 1), start(20, 3)])

    expect(init).toEqual({ wallMs: 40, cpuMs: 20 })
    expect(first).toEqual({ wallMs: 12, cpuMs: 3 })
    expect(sumCpuMs).toBe(23)
  })

  it('are compared with the baseline of the same round, not of the whole run', () => {
    const starts = [start(10, 1), start(100, 10), start(1_000, 100)]
    const baseline = [start(80, 8), start(200, 20), start(4_000, 400)]

    const { firstRatio, sumRatio } = summarize(starts, baseline)

    expect(firstRatio).toBe(0.25)
    expect(sumRatio).toBe(0.25)
  })
})

describe('a goal', () => {
  const goal = { firstCpuMs: 5, firstRatio: 0.25, sumRatio: 0.4 }
  const atTheEdge: ColdStartSummary = {
    init: { wallMs: 90, cpuMs: 90 },
    first: { wallMs: 500, cpuMs: 5 },
    sumCpuMs: 95,
    firstRatio: 0.25,
    sumRatio: 0.4,
  }

  it('is reached at its very edge', () => {
    expect(missedGoals(goal, atTheEdge)).toEqual([])
  })

  it.each([
    ['first answer 5.01 of 5 ms', { first: { wallMs: 1, cpuMs: 5.01 } }],
    ['first answer 0.26 of 0.25 × its baseline', { firstRatio: 0.26 }],
    ['init and first answer 0.41 of 0.4 × its baseline', { sumRatio: 0.41 }],
  ])('just past its edge is missed: %s', (missed, past) => {
    expect(missedGoals(goal, { ...atTheEdge, ...past })).toEqual([missed])
  })

  it('beside a baseline is missed where there was no baseline', () => {
    const { firstRatio, sumRatio } = summarize([start(1, 1)])

    expect(missedGoals(goal, { ...atTheEdge, firstRatio, sumRatio })).toHaveLength(2)
  })

  it('of processor time alone needs no baseline', () => {
    expect(missedGoals({ firstCpuMs: 5 }, { ...atTheEdge, firstRatio: NaN, sumRatio: NaN })).toEqual([])
  })
})
