// What `npm run faults` takes on its command line.
import { helpOption, readArgs, UsageError } from '#infra/cli/command-line.ts'
import { parseCase } from './test-case.ts'

export const usage = `Usage: npm run faults -- [options]

  --all         every pair of faults, not a sample of them (a quarter of an hour or more)
  --sample N    so many pairs (250)
  --seed N      which pairs (1)
  --scenarios X  only those whose names begin so, such as generated; no pairs
  --case ID     one case, such as AdminCreateUser:lost-answer+AdminAddUserToGroup:denied-lasting
  --help`

export type Options = {
  readonly all: boolean
  readonly seed: number
  readonly sample: number
  /** Only those whose names begin so, without pairs. */
  readonly scenarios: string | undefined
  /** Only this one. */
  readonly case: string | undefined
}

/** Undefined when help is asked for. Throws UsageError. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { all, case: id, help, sample, scenarios, seed } = readArgs({ options }, args)
  if (help) return undefined
  if (id !== undefined && parseCase(id) === undefined) throw new UsageError('--case is no case that there is.')
  return { all, case: id, scenarios, seed: wholeNumber('--seed', seed), sample: wholeNumber('--sample', sample) }
}

const options = {
  all: { type: 'boolean', default: false },
  seed: { type: 'string', default: '1' },
  sample: { type: 'string', default: '250' },
  scenarios: { type: 'string' },
  case: { type: 'string' },
  ...helpOption,
} as const

function wholeNumber(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${name} must be a whole number.`)
  return Number(text)
}
