import { expect, it } from 'vitest'
import { mapBounded } from '#shared/time/map-bounded.ts'

it('has no more in hand than it may, and gives the results in the order of the items', async () => {
  let [inHand, most] = [0, 0]

  const results = await mapBounded([3, 1, 2, 0], { atOnce: 2 }, async (turns, index) => {
    most = Math.max(most, ++inHand)
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
    inHand -= 1
    return `${index}:${turns}`
  })

  expect(results).toEqual(['0:3', '1:1', '2:2', '3:0'])
  expect(most).toBe(2)
})

it('begins nothing after a failure, and throws the first once the others are done', async () => {
  const done: number[] = []

  const failing = mapBounded([0, 1, 2, 3], { atOnce: 2 }, async (item) => {
    if (item === 0) throw new Error('first')
    await Promise.resolve()
    done.push(item)
  })

  await expect(failing).rejects.toThrow('first')
  expect(done).toEqual([1])
})

it('of nothing is nothing', async () => {
  expect(await mapBounded([], { atOnce: 5 }, () => Promise.reject(new Error()))).toEqual([])
})
