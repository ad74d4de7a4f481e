import { describe, expect, it } from 'vitest'
import { createTokenBucket } from '#shared/time/token-bucket.ts'
import { manualClock } from '#test/support/clock.ts'

describe('a token bucket', () => {
  it('gives a burst of one second’s worth, then says how long to wait', () => {
    const clock = manualClock()
    const bucket = createTokenBucket({ perSecond: 4, now: clock.now })

    const taken = Array.from({ length: 4 }, () => bucket.take())

    expect(taken).toEqual(Array.from({ length: 4 }, () => ({ taken: true })))
    expect(bucket.take()).toEqual({ taken: false, waitMs: 250 })
    clock.advance(249)
    expect(bucket.take().taken).toBe(false)
    clock.advance(1)
    expect(bucket.take()).toEqual({ taken: true })
  })

  it('holds no more than its burst, and fills as quickly', () => {
    const clock = manualClock()
    const bucket = createTokenBucket({ perSecond: 4, burst: 2, now: clock.now })

    clock.advance(60_000)

    expect([bucket.take(), bucket.take(), bucket.take()]).toEqual([
      { taken: true },
      { taken: true },
      { taken: false, waitMs: 250 },
    ])
  })

  it('has at first what it is given, one at least and its burst at most', () => {
    const takenOf = (atFirst: number) => {
      const bucket = createTokenBucket({ perSecond: 4, burst: 3, atFirst, now: manualClock().now })
      return [1, 2, 3, 4].filter(() => bucket.take().taken).length
    }

    expect([0, 2, 9].map(takenOf)).toEqual([1, 2, 3])
  })

  it('fills up to a second’s worth and no further', () => {
    const clock = manualClock()
    const bucket = createTokenBucket({ perSecond: 2, now: clock.now })

    clock.advance(60_000)

    expect([1, 2, 3].map(() => bucket.take().taken)).toEqual([true, true, false])
  })

  it('goes on filling when the clock was set back', () => {
    const clock = manualClock()
    const bucket = createTokenBucket({ perSecond: 1, now: clock.now })
    bucket.take()

    clock.advance(-300_000)

    expect(bucket.take()).toEqual({ taken: false, waitMs: 1_000 })
    clock.advance(1_000)
    expect(bucket.take().taken).toBe(true)
  })

  it('of less than one a second still gives one at first', () => {
    const clock = manualClock()
    const bucket = createTokenBucket({ perSecond: 0.1, now: clock.now })

    expect(bucket.take().taken).toBe(true)
    expect(bucket.take()).toEqual({ taken: false, waitMs: 10_000 })
  })

  it('gives several as soon as there is one, and who comes next waits the longer', () => {
    const clock = manualClock()
    const bucket = createTokenBucket({ perSecond: 1, now: clock.now })

    expect(bucket.take(3).taken).toBe(true)
    expect(bucket.take()).toEqual({ taken: false, waitMs: 3_000 })
    clock.advance(3_000)
    expect(bucket.take(3).taken).toBe(true)
  })
})
