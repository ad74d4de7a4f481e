import { expect, it } from 'vitest'
import { createPacer } from '#infra/cli/drift/aws-call.ts'
import { manualClock } from '#test/support/clock.ts'

it('the pacer starts calls evenly, without a burst, and does not make up for time in which nobody called', async () => {
  const clock = manualClock(0)
  const sleep = (ms: number): Promise<void> => {
    clock.advance(ms)
    return Promise.resolve()
  }
  const pace = createPacer({ perSecond: 4 }, { monotonicNow: clock.now, sleep })
  const starts: number[] = []

  for (const idleMs of [0, 0, 0, 10_000, 0]) {
    clock.advance(idleMs)
    await pace()
    starts.push(clock.now())
  }

  expect(starts).toEqual([0, 250, 500, 10_500, 10_750])
})
