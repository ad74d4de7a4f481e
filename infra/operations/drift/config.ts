// What the drift report is asked to do, read once from its arguments and the environment; it never guesses a pool.
import { isRegion } from '../../../shared/aws-hosts.ts'
import { userPoolId } from '../../../shared/aws-variables.ts'
import { ConfigurationError, readEnvironment, type Environment } from '../../../shared/env.ts'
import { helpOption, readArgs, UsageError } from '../../command-line.ts'

export type Config = {
  readonly userPoolId: string
  readonly region: string
  readonly format: 'table' | 'json'
  /** Younger users are left out of the report. */
  readonly olderThanMs: number
  readonly repair: 'no' | 'after_asking' | 'without_asking'
}

export type Command = { readonly kind: 'help' } | ({ readonly kind: 'report' } & Config)

export const usage = `Usage: npm run drift -- [options]

Lists the service users of a pool that are half-made (FORCE_CHANGE_PASSWORD) or were taken out of their group.

  --user-pool-id ID      the pool; USER_POOL_ID if absent
  --region REGION        the pool's Region; read from the id if absent
  --older-than MINUTES   leave out younger users: creations that are still at work, say
  --json                 one JSON document in place of the table
  --repair               remove the users that are listed as repairable, after asking
  --yes                  do not ask
  --help                 this text

AWS credentials are found as the AWS command line finds them. Calls go through HTTPS_PROXY, past the hosts of NO_PROXY;
AWS_ENDPOINT_URL names another endpoint than AWS's own.
Exit code: 0 nothing found, or all of it repaired; 1 something found or left; 2 wrong usage; 3 a call to AWS failed.
`

/** Throws UsageError, or ConfigurationError naming every variable that is missing or refused. */
export function readCommand(args: readonly string[], environment: Environment = process.env): Command {
  const values = readArgs(parseOptions, args)
  if (values.help) return { kind: 'help' }
  if (values.yes && !values.repair) throw new UsageError('--yes answers the question that --repair asks.')
  const region = values.region
  if (region !== undefined && !isRegion(region)) throw new UsageError('--region is no Region.')
  const poolId = readPoolId(values['user-pool-id'], environment)
  return {
    kind: 'report',
    userPoolId: poolId,
    // The id begins with it. AWS_REGION may be another one, where the pool is not to be found.
    region: region ?? poolId.slice(0, poolId.indexOf('_')),
    format: values.json ? 'json' : 'table',
    olderThanMs: readMinutes(values['older-than']) * 60_000,
    repair: !values.repair ? 'no' : values.yes ? 'without_asking' : 'after_asking',
  }
}

const parseOptions = {
  options: {
    'user-pool-id': { type: 'string' },
    region: { type: 'string' },
    'older-than': { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
    repair: { type: 'boolean', default: false },
    yes: { type: 'boolean', default: false },
    ...helpOption,
  },
} as const

function readPoolId(option: string | undefined, environment: Environment): string {
  if (option === '') throw new UsageError('--user-pool-id is empty.')
  const given = option === undefined ? environment : { ...environment, USER_POOL_ID: option }
  return readEnvironment(given, { USER_POOL_ID: userPoolId }).USER_POOL_ID
}

function readMinutes(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new UsageError('--older-than is no whole number of minutes.')
  return Number(text)
}

/** What went wrong before anything was done, for the operator; undefined for any other error. */
export function usageProblem(error: unknown): string | undefined {
  if (error instanceof UsageError) return error.message
  if (error instanceof ConfigurationError) return `${error.message}. The pool can be named by --user-pool-id as well.`
  return undefined
}
