// What the load run is told on its command line; a value that it cannot use is named, never replaced by a default.
import { helpOption, readArgs, UsageError } from '../../../../infra/cli/command-line.ts'

export type LoadOptions = {
  readonly count: number
  readonly concurrency: number
  /** The share of calls to AWS that fail, and of first requests on which the caller hangs up. */
  readonly faultRate: number
  /** Cognito's request quotas, and App2's own admission with them, times this. */
  readonly quotaScale: number
  readonly seed: number
  /** Whether calls may also stay without an answer, for the three seconds until the SDK gives up. */
  readonly timeouts: boolean
}

export const usage = `Usage: npm run bench:load -- [options]

Creates users through the pair on this machine while calls to AWS fail at random and Cognito's quotas are in force, with
a caller that obeys Retry-After and repeats with the same Idempotency-Key until it has a final answer. Then it counts, in
the pool, what became of them. Ends with 0 only if no user is incomplete, lost or doubled.

  --count N         users to create, 1 to 1000000 (10000)
  --concurrency N   at a time, 1 to 512 (64)
  --fault-rate R    share of AWS calls that fail, 0 to 0.5 (0.05): throttled, 500, connection reset, answer lost
  --quota-scale S   Cognito's quotas times S, 0.05 to 1000 (20; 1 is Cognito's own: 10000 users take about nine minutes)
  --seed N          of faults and hang-ups, 0 to 2^32 - 1 (1)
  --timeouts        calls may also stay without an answer until the SDK gives up after 3 s
  --help            shows this`

/** Undefined when only help was asked for. Throws UsageError. */
export function parseOptions(args: readonly string[]): LoadOptions | undefined {
  const values = readArgs({ options }, args)
  if (values.help) return undefined
  return {
    count: readNumber('count', values.count, { from: 1, to: 1_000_000, whole: true }),
    concurrency: readNumber('concurrency', values.concurrency, { from: 1, to: 512, whole: true }),
    faultRate: readNumber('fault-rate', values['fault-rate'], { from: 0, to: 0.5, whole: false }),
    quotaScale: readNumber('quota-scale', values['quota-scale'], { from: 0.05, to: 1000, whole: false }),
    seed: readNumber('seed', values.seed, { from: 0, to: 2 ** 32 - 1, whole: true }),
    timeouts: values.timeouts,
  }
}

const options = {
  count: { type: 'string', default: '10000' },
  concurrency: { type: 'string', default: '64' },
  'fault-rate': { type: 'string', default: '0.05' },
  'quota-scale': { type: 'string', default: '20' },
  seed: { type: 'string', default: '1' },
  timeouts: { type: 'boolean', default: false },
  ...helpOption,
} as const

function readNumber(
  name: string,
  text: string,
  range: { readonly from: number; readonly to: number; readonly whole: boolean },
): number {
  const value = Number(text)
  // Plain decimals only: Number() takes '', ' 7', '0x10' and '1e3' as well.
  const isPlain = (range.whole ? /^\d+$/ : /^\d+(\.\d+)?$/).test(text)
  if (isPlain && value >= range.from && value <= range.to) return value
  throw new UsageError(`--${name} must be a ${range.whole ? 'whole ' : ''}number, ${range.from} to ${range.to}.`)
}
