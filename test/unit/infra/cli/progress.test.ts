import { expect, it } from 'vitest'
import { createProgress, type ProgressState } from '#infra/cli/progress.ts'

const drawn = (state: Omit<ProgressState, 'label'>): string => {
  const written: string[] = []
  createProgress({ write: (text) => written.push(text), monotonicNow: () => 0 }).show({ label: 'Users', ...state })
  return written.join('')
}

it.each<[Omit<ProgressState, 'label'>, string]>([
  [{ done: 1_234, total: undefined }, 'Users 1,234'],
  [{ done: 5, total: 10 }, 'Users [##########----------] 5 of about 10'],
  [{ done: 5, total: 10, pace: { perSecond: undefined } }, 'Users [##########----------] 5 of 10'],
  [{ done: 0, total: 89, pace: { perSecond: 1 } }, 'Users [--------------------] 0 of 89, 1 a second, 89 s left'],
  [{ done: 0, total: 90, pace: { perSecond: 1 } }, 'Users [--------------------] 0 of 90, 1 a second, 2 min left'],
  [
    { done: 2_500, total: 83_500, pace: { perSecond: 14.96 } },
    'Users [#-------------------] 2,500 of 83,500, 15 a second, 1.5 h left',
  ],
])('%j is the line %j', (state, line) => {
  expect(drawn(state)).toBe(`\r\u001b[K${line}`)
})

it('is drawn ten times a second at most, and wiped where it was', () => {
  const written: string[] = []
  let now = 0
  const progress = createProgress({ write: (text) => written.push(text), monotonicNow: () => now })
  const state = { label: 'Users', done: 1, total: undefined }

  progress.clear()
  progress.show(state)
  now = 99
  progress.show(state)
  now = 100
  progress.show(state)
  progress.clear()

  expect(written).toEqual(['\r\u001b[KUsers 1', '\r\u001b[KUsers 1', '\r\u001b[K'])
})
