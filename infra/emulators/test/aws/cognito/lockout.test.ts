import { describe, expect, it } from 'vitest'
import { afterFailure, beforeAttempt, isLocked, noFailures, type Lockout } from '../../../aws/cognito/lockout.ts'

const start = 1_000_000_000

/** The state after so many wrong passwords, each as soon as the lock before it had run out, and when that was. */
function failed(times: number): { lockout: Lockout; now: number } {
  let [lockout, now] = [noFailures, start]
  for (let count = 0; count < times; count += 1) {
    now = Math.max(now, lockout.lockedUntil)
    lockout = afterFailure(beforeAttempt(lockout, now), now)
  }
  return { lockout, now }
}

describe('the length of a lock', () => {
  it.each([
    [4, 0],
    [5, 1],
    [6, 2],
    [7, 4],
    [14, 512],
    [15, 900],
    [40, 900],
  ])('after %i failures is %i seconds', (failures, seconds) => {
    const { lockout, now } = failed(failures)

    expect(Math.max(0, lockout.lockedUntil - now)).toBe(seconds * 1000)
    expect(isLocked(lockout, now + seconds * 1000 - 1)).toBe(seconds > 0)
    expect(isLocked(lockout, now + seconds * 1000)).toBe(false)
  })

  it('does not grow by attempts inside it', () => {
    const { lockout, now } = failed(6)

    const attempted = beforeAttempt(beforeAttempt(lockout, now + 1), now + 2)

    expect(attempted).toMatchObject({ failures: 6, lockedUntil: lockout.lockedUntil })
  })
})

describe('the memory of failures', () => {
  it('ends a quarter of an hour after the last attempt', () => {
    const { lockout, now } = failed(4)

    expect(beforeAttempt(lockout, now + 899_999).failures).toBe(4)
    expect(beforeAttempt(lockout, now + 900_000).failures).toBe(0)
  })

  it('counts that quarter of an hour from the end of a lock', () => {
    const { lockout } = failed(14)

    expect(beforeAttempt(lockout, lockout.lockedUntil + 899_999).failures).toBe(14)
    expect(beforeAttempt(lockout, lockout.lockedUntil + 900_000).failures).toBe(0)
  })

  it('is kept alive by an attempt', () => {
    const { lockout, now } = failed(4)

    const attempted = beforeAttempt(lockout, now + 600_000)

    expect(beforeAttempt(attempted, now + 1_200_000).failures).toBe(4)
  })
})
