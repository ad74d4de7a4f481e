import { describe, expect, it } from 'vitest'
import { createStepTimer } from '#shared/time/step-timer.ts'
import { manualClock } from '#test/support/clock.ts'

describe('a step timer', () => {
  it('adds up the time of each step, and gives back what the step gives', async () => {
    const clock = manualClock()
    const timer = createStepTimer(clock.now)
    const taking = (ms: number) => () => {
      clock.advance(ms)
      return Promise.resolve(ms)
    }

    expect(await timer.time('open_ms', taking(5))).toBe(5)
    await timer.time('create_ms', taking(7))
    await timer.time('open_ms', taking(1))

    expect(timer.fields()).toEqual({ open_ms: 6, create_ms: 7 })
  })

  it('measures a step that fails as well', async () => {
    const clock = manualClock()
    const timer = createStepTimer(clock.now)
    const failing = (): Promise<never> => {
      clock.advance(3)
      return Promise.reject(new Error('failed'))
    }

    await expect(timer.time('group_ms', failing)).rejects.toThrow('failed')
    expect(timer.fields()).toEqual({ group_ms: 3 })
  })
})
