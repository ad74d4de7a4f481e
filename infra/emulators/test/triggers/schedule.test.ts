import { describe, expect, it, vi } from 'vitest'
import { startSchedule, type Timer } from '../../triggers/schedule.ts'

/** A timer that ticks when it is told to. */
function handTimer(): { readonly timer: Timer; readonly tick: () => void; readonly ratesMs: number[] } {
  const ticks = new Set<() => void>()
  const ratesMs: number[] = []
  return {
    ratesMs,
    timer: (tick, ms) => {
      ticks.add(tick)
      ratesMs.push(ms)
      return () => ticks.delete(tick)
    },
    tick: () => {
      for (const each of ticks) each()
    },
  }
}

describe('a schedule', () => {
  it('calls the function with its input at once and at each tick, until it is closed', async () => {
    const { timer, tick, ratesMs } = handTimer()
    const lambda = vi.fn(() => Promise.resolve(null))
    const schedule = startSchedule({ rateMs: 60_000, input: { job: 'sweep' }, function: lambda, timer })

    tick()
    tick()
    await schedule.close()
    tick()

    expect(ratesMs).toEqual([60_000])
    expect(lambda.mock.calls).toEqual(Array(3).fill([{ job: 'sweep' }]))
  })

  it('goes on after a failure, and does not wait for a call before the next', async () => {
    const { timer, tick } = handTimer()
    const onFailure = vi.fn()
    const ends: (() => void)[] = []
    const lambda = vi
      .fn()
      .mockRejectedValueOnce(new TypeError('failed'))
      .mockImplementation(() => new Promise<void>((resolve) => ends.push(resolve)))
    const schedule = startSchedule({ rateMs: 1000, input: null, function: lambda, timer, onFailure })
    tick()
    tick()

    const closed = vi.fn()
    const closing = schedule.close().then(closed)
    await new Promise((resolve) => setImmediate(resolve))
    const closedBefore = closed.mock.calls.length
    for (const end of ends) end()
    await closing

    expect(lambda).toHaveBeenCalledTimes(3)
    expect(onFailure.mock.calls).toEqual([[new TypeError('failed')]])
    expect(closedBefore).toBe(0)
  })

  it('goes by the real time where it is given no timer', async () => {
    const lambda = vi.fn(() => Promise.resolve(null))
    const schedule = startSchedule({ rateMs: 1, input: null, function: lambda })

    await vi.waitFor(() => {
      expect(lambda.mock.calls.length).toBeGreaterThan(2)
    })
    await schedule.close()
    const calls = lambda.mock.calls.length
    await new Promise((resolve) => setTimeout(resolve, 5))

    expect(lambda).toHaveBeenCalledTimes(calls)
  })
})
