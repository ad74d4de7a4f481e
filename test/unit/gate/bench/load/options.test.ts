import { describe, expect, it } from 'vitest'
import { UsageError } from '#infra/cli/command-line.ts'
import { parseOptions } from '../../../../gate/bench/load/options.ts'

describe('the options of the load run', () => {
  it('have defaults for all but the file', () => {
    expect(parseOptions([])).toEqual({
      count: 10_000,
      concurrency: 64,
      faultRate: 0.05,
      quotaScale: 20,
      seed: 1,
      timeouts: false,
      json: undefined,
    })
  })

  it('are taken as they are given', () => {
    const args = '--count 200 --concurrency 8 --fault-rate 0.1 --quota-scale 1.5 --seed 42 --timeouts --json out.json'

    expect(parseOptions(args.split(' '))).toEqual({
      count: 200,
      concurrency: 8,
      faultRate: 0.1,
      quotaScale: 1.5,
      seed: 42,
      timeouts: true,
      json: 'out.json',
    })
  })

  it('are none when help is asked for', () => {
    expect(parseOptions(['--help', '--count', '5'])).toBeUndefined()
  })

  it.each([
    ['count', 'count', ['1', '1000000']],
    ['concurrency', 'concurrency', ['1', '512']],
    ['fault-rate', 'faultRate', ['0', '0.5']],
    ['quota-scale', 'quotaScale', ['0.05', '1000']],
    ['seed', 'seed', ['0', '4294967295']],
  ] as const)('--%s is taken at both ends of its range', (flag, name, ends) => {
    for (const end of ends) expect(parseOptions([`--${flag}`, end])?.[name]).toBe(Number(end))
  })

  it.each([
    ['count', ['0', '1000001', '1.5', '1e3', '0x10', ' 7', 'many', ''], 'a whole number, 1 to 1000000'],
    ['concurrency', ['0', '513', '2.5', 'x'], 'a whole number, 1 to 512'],
    ['fault-rate', ['0.51', '.1', '5%', 'NaN', ''], 'a number, 0 to 0.5'],
    ['quota-scale', ['0', '0.049', '1001', 'Infinity'], 'a number, 0.05 to 1000'],
    ['seed', ['4294967296', '1.5', 'x'], 'a whole number, 0 to 4294967295'],
  ])('--%s outside its range is refused by name and range', (flag, texts, range) => {
    for (const text of texts) {
      expect(() => parseOptions([`--${flag}`, text])).toThrow(new UsageError(`--${flag} must be ${range}.`))
    }
  })

  it.each([['--unheard-of'], ['--count'], ['unknown'], ['--seed', '-1']])('%j is refused', (...args) => {
    expect(() => parseOptions(args)).toThrow(UsageError)
  })

  it('--json without a name is refused', () => {
    expect(() => parseOptions(['--json', ''])).toThrow(new UsageError('--json needs the name of a file.'))
  })
})
