import { describe, expect, it } from 'vitest'
import { createLife } from '#test/gate/faults/life.ts'
import { UsageError } from '#infra/cli/command-line.ts'
import { readOptions } from '#test/gate/faults/options.ts'
import { createReport } from '#test/gate/faults/report.ts'

const calls = {}

function reportOnPipe() {
  let text = ''
  const report = createReport({
    output: {
      isTTY: false,
      columns: 80,
      write: (piece: string | Uint8Array) => {
        text += String(piece)
        return true
      },
    },
  })
  return { report, text: () => text }
}

describe('the options', () => {
  it('are a sample of 250 pairs by seed 1 when nothing is said', () => {
    expect(readOptions([])).toMatchObject({ all: false, seed: 1, sample: 250, case: undefined })
    expect(readOptions(['--all', '--seed', '9', '--sample', '0', '--workers', '3'])).toMatchObject({
      all: true,
      seed: 9,
      sample: 0,
      workers: 3,
    })
    expect(readOptions(['--help'])).toBeUndefined()
  })

  it.each([['--sample', '-1'], ['--seed', 'x'], ['--workers', '0'], ['--case', 'nonsense'], ['--nonsense'], ['all']])(
    '%s %s is refused',
    (...args) => {
      expect(() => readOptions(args)).toThrow(UsageError)
    },
  )
})

describe('the report', () => {
  it('ends with four noughts and success when nothing was found', () => {
    const { report, text } = reportOnPipe()

    report.expect(1)
    report.add({ id: 'no-fault', calls, violations: [] })

    expect(report.finish('1 case')).toBe(true)
    expect(text()).toBe(
      '  1 of 1 cases\n1 case\n0 that could not be played, 0 rejected passwords offered again\n' +
        '0 incomplete, 0 taken over, 0 untrue answers, 0 leaks\n',
    )
  })

  it('counts cases by what they violate, and gives the command that plays each again', () => {
    const { report, text } = reportOnPipe()

    report.expect(2)
    const twice = [
      { kind: 'half_made', text: 'first' },
      { kind: 'half_made', text: 'second' },
      { kind: 'leak', text: 'third' },
    ] as const
    report.add({ id: 'Encrypt:reset', calls, violations: twice })
    report.add({ id: 'Decrypt:reset', calls, violations: [{ kind: 'half_made', text: 'fourth' }] })

    expect(report.finish('2 cases')).toBe(false)
    expect(text()).toContain("node test/gate/faults/run.ts --case 'Encrypt:reset'")
    expect(text()).toContain('incomplete: second')
    expect(text()).toContain('2 incomplete, 0 taken over, 0 untrue answers, 1 leaks')
  })

  it.each([
    { id: 'x', broken: 'no such case' },
    { id: 'x', calls, violations: [{ kind: 'password_offered_again', text: '' }] as const },
  ])('is no success with %j', (played) => {
    const { report } = reportOnPipe()

    report.expect(1)
    report.add(played)

    expect(report.finish('1 case')).toBe(false)
  })
})

describe('a life', () => {
  const settledWithin = async (promise: Promise<unknown>): Promise<boolean> =>
    Promise.race([
      promise.then(
        () => true,
        () => true,
      ),
      new Promise<boolean>((resolve) => setTimeout(resolve, 20, false)),
    ])

  it('gives what its calls give', async () => {
    const life = createLife()

    await expect(life.guard(() => Promise.resolve(1))).resolves.toBe(1)
    await expect(life.guard(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    await expect(life.bind(() => Promise.resolve(2))({})).resolves.toBe(2)
  })

  it('that has ended sees no answer and begins no call, and its caller learns of it at once', async () => {
    const life = createLife()
    let begun = 0
    const underWay = [Promise.resolve(1), Promise.reject(new Error('no'))].map((answer) => life.guard(() => answer))
    const invocation = life.bind(() => new Promise(() => undefined))({})

    life.end()

    await expect(invocation).rejects.toMatchObject({ errorType: 'Runtime.ExitError' })
    const later = life.guard(() => Promise.resolve(++begun))
    expect(await Promise.all([...underWay, later].map(settledWithin))).toEqual([false, false, false])
    expect(begun).toBe(0)
  })
})
