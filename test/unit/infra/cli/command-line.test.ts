import { describe, expect, it } from 'vitest'
import { helpOption, readArgs, UsageError } from '#infra/cli/command-line.ts'

const config = { options: { user: { type: 'string' }, ...helpOption } } as const

describe('the options of a command', () => {
  it('are read by their names', () => {
    expect(readArgs(config, ['--user', 'orders-worker'])).toEqual({ user: 'orders-worker', help: false })
  })

  it('ask for help', () => {
    expect(readArgs(config, ['--help']).help).toBe(true)
  })

  it.each([[['--canary']], [['canary']], [['--user']], [['--user', '--help']], [['--help=canary']]])(
    '%j is refused in words that repeat nothing of it',
    (args) => {
      expect(() => readArgs(config, args)).toThrow(
        new UsageError('There is no such option, or its value is missing. See --help.'),
      )
    },
  )
})
