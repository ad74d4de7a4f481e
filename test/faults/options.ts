// What `npm run faults` takes on its command line.
import { parseArgs } from 'node:util'
import { availableParallelism } from 'node:os'
import { parseCase } from './test-case.ts'

export type Options = {
  readonly all: boolean
  readonly seed: number
  readonly sample: number
  /** Only this one. */
  readonly case: string | undefined
  readonly workers: number
}

/** A mistake of the person at the terminal. The message says what to do. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
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
  const values = parse(args)
  if (values.help === true) return undefined
  if (values.case !== undefined && parseCase(values.case) === undefined) {
    throw new UsageError(`There is no case ${values.case}.`)
  }
  return {
    all: values.all === true,
    seed: wholeNumber('--seed', values.seed, { fallback: 1, least: 0 }),
    sample: wholeNumber('--sample', values.sample, { fallback: 250, least: 0 }),
    case: values.case,
    workers: wholeNumber('--workers', values.workers, { fallback: Math.min(4, availableParallelism()), least: 1 }),
  }
}

const string = { type: 'string' } as const
const boolean = { type: 'boolean' } as const

function parse(args: readonly string[]): {
  all?: boolean
  help?: boolean
  seed?: string
  sample?: string
  case?: string
  workers?: string
} {
  const options = { all: boolean, help: boolean, seed: string, sample: string, case: string, workers: string }
  try {
    return parseArgs({ args: [...args], options }).values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'The options cannot be read.')
  }
}

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
