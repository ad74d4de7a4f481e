import { describe, expect, it } from 'vitest'
import { createProgress } from '../../../../../infra/operations/drift/progress.ts'

function recorded(): { progress: ReturnType<typeof createProgress>; clock: { now: number }; written: string[] } {
  const clock = { now: 0 }
  const written: string[] = []
  const progress = createProgress({ write: (text) => written.push(text), monotonicNow: () => clock.now })
  return { progress, clock, written }
}

const wipe = '\r\u001b[K'

describe('the progress line', () => {
  it.each([
    [0, 40, 'Reading users [--------------------] 0 of about 40'],
    [10, 40, 'Reading users [#####---------------] 10 of about 40'],
    [1_200, 1_200, 'Reading users [####################] 1,200 of about 1,200'],
    // The pool's own estimate lags behind.
    [1_300, 1_200, 'Reading users [####################] 1,300 of about 1,200'],
    [7, 0, 'Reading users 7'],
    [7, undefined, 'Reading users 7'],
  ])('for %i of %s is: %s', (done, total, line) => {
    const { progress, written } = recorded()

    progress.show({ label: 'Reading users', done, total })

    expect(written).toEqual([wipe + line])
  })

  it('is drawn at most ten times a second', () => {
    const { progress, clock, written } = recorded()

    for (clock.now = 0; clock.now < 1_000; clock.now += 1) {
      progress.show({ label: 'x', done: clock.now, total: undefined })
    }

    expect(written).toHaveLength(10)
    expect(written.at(-1)).toBe(`${wipe}x 900`)
  })

  it('is wiped once, and only when it is there', () => {
    const { progress, written } = recorded()

    progress.clear()
    progress.show({ label: 'x', done: 1, total: undefined })
    progress.clear()
    progress.clear()

    expect(written).toEqual([`${wipe}x 1`, wipe])
  })
})
