import { describe, expect, it } from 'vitest'
import { runLoad } from '../../../../gate/bench/load/run-load.ts'

describe('the load', () => {
  it.each([
    [10, 3, 3],
    [2, 64, 2],
    [5, 1, 1],
  ])('of %i creations at most %i at a time runs each once, %i together', async (count, concurrency, together) => {
    const started: number[] = []
    let underWay = 0
    let most = 0

    const results = await runLoad(
      { count, concurrency },
      async (index) => {
        started.push(index)
        most = Math.max(most, ++underWay)
        await new Promise((resolve) => setImmediate(resolve))
        underWay -= 1
        return index * 2
      },
      () => undefined,
    )

    expect(started).toEqual(Array.from({ length: count }, (_, index) => index))
    expect(results.toSorted((one, other) => one - other)).toEqual(started.map((index) => index * 2))
    expect(most).toBe(together)
  })

  it('tells of each end as it comes', async () => {
    const ends: string[] = []

    await runLoad(
      { count: 3, concurrency: 2 },
      (index) => new Promise<string>((resolve) => setTimeout(resolve, index === 0 ? 30 : 1, `creation ${index}`)),
      (result, done) => ends.push(`${done}: ${result}`),
    )

    expect(ends).toEqual(['1: creation 1', '2: creation 2', '3: creation 0'])
  })

  it('fails when one of them does', async () => {
    const load = runLoad(
      { count: 3, concurrency: 2 },
      (index) => (index === 1 ? Promise.reject(new Error('broken')) : Promise.resolve(index)),
      () => undefined,
    )

    await expect(load).rejects.toThrow('broken')
  })
})
