// What `npm run faults` takes on its command line.
import { availableParallelism } from 'node:os'
import { helpOption, readArgs, UsageError } from '#infra/cli/command-line.ts'
import { parseCase } from './test-case.ts'

export type Options = {
  readonly all: boolean
  readonly seed: number
  readonly sample: number
  /** Only this one. */
  readonly case: string | undefined
  readonly workers: number
}

export const usage = `Usage: npm run faults -- [options]

  --all         every pair of faults, not a sample of them (a quarter of an hour or more)
  --sample N    so many pairs (250)
  --seed N      which pairs (1)
  --case ID     one case, such as AdminCreateUser:lost-answer+AdminAddUserToGroup:denied-lasting
  --workers N   threads to play in (one for each core, four at most)
  --help`

/** Undefined when help is asked for. Throws UsageError. */
export function readOptions(args: readonly string[]): Options | undefined {
  const values = readArgs({ options }, args)
  if (values.help) return undefined
  if (values.case !== undefined && parseCase(values.case) === undefined) {
    throw new UsageError('--case is no case that there is.')
  }
  return {
    all: values.all,
    seed: wholeNumber('--seed', values.seed, { fallback: 1, least: 0 }),
    sample: wholeNumber('--sample', values.sample, { fallback: 250, least: 0 }),
    case: values.case,
    workers: wholeNumber('--workers', values.workers, { fallback: Math.min(4, availableParallelism()), least: 1 }),
  }
}

const string = { type: 'string' } as const
const options = {
  all: { type: 'boolean', default: false },
  seed: string,
  sample: string,
  case: string,
  workers: string,
  ...helpOption,
} as const

function wholeNumber(
  name: string,
  text: string | undefined,
  { fallback, least }: { readonly fallback: number; readonly least: number },
): number {
  if (text === undefined) return fallback
  if (!/^\d{1,9}$/.test(text) || Number(text) < least)
    throw new UsageError(`${name} must be a whole number from ${least} on.`)
  return Number(text)
}
