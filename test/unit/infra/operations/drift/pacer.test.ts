import { describe, expect, it } from 'vitest'
import { createPacer } from '../../../../../infra/operations/drift/pacer.ts'
import { manualClock } from '../../../../support/clock.ts'

function pacerOnClock(perSecond: number): { pace: () => Promise<void>; clock: ReturnType<typeof manualClock> } {
  const clock = manualClock(0)
  const sleep = (ms: number): Promise<void> => {
    clock.advance(ms)
    return Promise.resolve()
  }
  return { pace: createPacer({ perSecond }, { monotonicNow: clock.now, sleep }), clock }
}

describe('the pacer', () => {
  it('starts calls evenly, without a burst', async () => {
    const { pace, clock } = pacerOnClock(4)
    const starts: number[] = []

    for (let call = 0; call < 5; call += 1) {
      await pace()
      starts.push(clock.now())
    }

    expect(starts).toEqual([0, 250, 500, 750, 1_000])
  })

  it('does not make up for time in which nobody called', async () => {
    const { pace, clock } = pacerOnClock(4)

    await pace()
    clock.advance(10_000)
    await pace()
    await pace()

    expect(clock.now()).toBe(10_250)
  })

  it('does not wait for a call that took longer than its share', async () => {
    const { pace, clock } = pacerOnClock(4)

    await pace()
    clock.advance(250)
    await pace()

    expect(clock.now()).toBe(250)
  })
})
