import { describe, expect, it } from 'vitest'
import { decideNextStep, type Attempt } from '../../../../gate/bench/load/retry-policy.ts'

const attempt = (changes: Partial<Attempt>): Attempt => ({
  status: 503,
  retryAfterSeconds: undefined,
  number: 1,
  elapsedMs: 0,
  ...changes,
})
const never = (): number => 0
const half = (): number => 0.5

describe('the caller of App1', () => {
  it.each([201, 400, 403, 409, 413, 422, 428, 430, 499])('takes %i as final', (status) => {
    expect(decideNextStep(attempt({ status }), half)).toEqual({ kind: 'final' })
  })

  it.each([429, 500, 502, 503, 504, undefined])('repeats after %s', (status) => {
    expect(decideNextStep(attempt({ status }), half)).toEqual({ kind: 'repeat', delayMs: 50 })
  })

  it('never comes back before Retry-After is over, and spreads what follows', () => {
    const throttled = attempt({ status: 429, retryAfterSeconds: 3, number: 2 })

    expect(decideNextStep(throttled, never)).toEqual({ kind: 'repeat', delayMs: 3_000 })
    expect(decideNextStep(throttled, half)).toEqual({ kind: 'repeat', delayMs: 3_100 })
  })

  it.each([
    [1, 100],
    [2, 200],
    [5, 1_600],
    [6, 2_000],
    [50, 2_000],
  ])('waits at most a share of the back-off of attempt %i, %i ms', (number, backOffMs) => {
    expect(decideNextStep(attempt({ number }), half)).toEqual({ kind: 'repeat', delayMs: backOffMs / 2 })
  })

  it('gives up once the next request would come after ten minutes, however often it was turned away before', () => {
    const last = attempt({ number: 400, retryAfterSeconds: 1, elapsedMs: 598_000 })

    expect(decideNextStep(last, half)).toEqual({ kind: 'repeat', delayMs: 2_000 })
    expect(decideNextStep({ ...last, elapsedMs: 598_001 }, half)).toEqual({ kind: 'give_up' })
  })
})
