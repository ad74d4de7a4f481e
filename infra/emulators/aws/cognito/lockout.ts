// Cognito's lock-out after failed sign-ins; it never counts an attempt that falls inside a lock.
//
// "Lockout behavior for failed sign-in attempts" in
// https://docs.aws.amazon.com/cognito/latest/developerguide/authentication.html

export type Lockout = { failures: number; lockedUntil: number; lastAttemptAt: number }

export const noFailures: Lockout = { failures: 0, lockedUntil: 0, lastAttemptAt: 0 }

const failuresBeforeLock = 5
const longestLockMs = 15 * 60_000
const forgottenAfterMs = 15 * 60_000

/** The state before an attempt at `now`: a quarter of an hour without one clears it, once the lock has run out. */
export function beforeAttempt(lockout: Lockout, now: number): Lockout {
  const idleSince = Math.max(lockout.lastAttemptAt, lockout.lockedUntil)
  const state = now - idleSince >= forgottenAfterMs ? noFailures : lockout
  return { ...state, lastAttemptAt: now }
}

export function isLocked(lockout: Lockout, now: number): boolean {
  return now < lockout.lockedUntil
}

/** The state after a wrong password: from the fifth on a lock of 2^(n-5) seconds, a quarter of an hour at most. */
export function afterFailure(lockout: Lockout, now: number): Lockout {
  const failures = lockout.failures + 1
  const lockMs = Math.min(longestLockMs, 1000 * 2 ** (failures - failuresBeforeLock))
  return { failures, lockedUntil: failures < failuresBeforeLock ? 0 : now + lockMs, lastAttemptAt: now }
}
