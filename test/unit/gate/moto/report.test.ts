import { describe, expect, it } from 'vitest'
import { createReport, StepFailedError } from '#test/gate/moto/report.ts'

function reportOf(signal: AbortSignal = new AbortController().signal) {
  const lines: string[] = []
  let now = 0
  const report = createReport({ write: (line) => lines.push(line), monotonicNow: () => (now += 100), signal })
  return { report, lines }
}

describe('the report', () => {
  it('has a line for each step and check that passed, and a summary', async () => {
    const { report, lines } = reportOf()

    expect(await report.step('a step', () => Promise.resolve(1))).toBe(1)
    await report.check('a check', () => [])

    expect(report.finish('3 more')).toBe(true)
    expect(lines).toEqual(['ok     a step (0.1 s)', 'ok     a check (0.1 s)', '2 passed, 0 failed, 3 more, in 0.5 s'])
  })

  it('tells every problem of a check, and goes on', async () => {
    const { report, lines } = reportOf()

    await report.check('a check', () => ['first', 'second\nof two lines'])
    await report.check('broken', () => Promise.reject(new Error('no answer')))

    expect(report.finish('')).toBe(false)
    expect(lines.slice(0, -1)).toEqual([
      'FAILED a check (0.1 s)',
      '         first',
      '         second\n         of two lines',
      'FAILED broken (0.1 s)',
      '         no answer',
    ])
  })

  it('ends with a step that failed', async () => {
    const { report, lines } = reportOf()

    await expect(report.step('a step', () => Promise.reject(new Error('no way')))).rejects.toThrow(StepFailedError)

    expect(report.finish('')).toBe(false)
    expect(lines.slice(0, -1)).toEqual(['FAILED a step (0.1 s)', '         no way'])
  })

  it('tells nothing of what was broken off', async () => {
    const { report, lines } = reportOf(AbortSignal.abort())

    await expect(report.step('a step', () => Promise.reject(new Error('no way')))).rejects.toThrow(StepFailedError)
    await report.check('a check', () => ['a problem'])

    expect(lines).toEqual([])
  })
})
