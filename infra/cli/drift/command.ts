// `npm run drift`, put together from its arguments and streams; it ends no process and reads no global.
import { once } from 'node:events'
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { isRegion } from '#shared/aws/aws-hosts.ts'
import { userPoolId } from '#shared/aws/aws-variables.ts'
import { deliveryVariables } from '#shared/aws/password-delivery.ts'
import { ConfigurationError, readEnvironment, type Environment } from '#shared/env.ts'
import { createJsonLogger } from '#shared/logger.ts'
import { helpOption, readArgs, UsageError } from '../command-line.ts'
import { ask } from '../ask.ts'
import type { PacerDeps } from './aws-call.ts'
import { createJsonReport } from './json-report.ts'
import { createPoolUsers } from './pool-users.ts'
import { createProgress } from './progress.ts'
import type { Report, Summary } from './report.ts'
import { runDrift, type DriftOptions, type RepairPlan } from './run-drift.ts'
import { count, createTableReport, type TableReportDeps } from './table-report.ts'
import { createUserSecrets } from './user-secrets.ts'

type Config = DriftOptions & {
  readonly userPoolId: string
  readonly region: string
  readonly format: 'table' | 'json'
  /** Undefined: secrets are not looked at. */
  readonly secretsPrefix: string | undefined
}

export type Command = { readonly kind: 'help' } | ({ readonly kind: 'report' } & Config)

export const usage = `Usage: npm run drift -- [options]

Lists the service users of a pool that are incomplete (FORCE_CHANGE_PASSWORD) or were taken out of their group, and
secrets of generated passwords without a user or with a password that was never set.

  --user-pool-id ID      the pool; USER_POOL_ID if absent
  --region REGION        the pool's Region; read from the id if absent
  --secrets PREFIX       what the names of the secrets begin with; PASSWORD_SECRETS_PREFIX if absent
  --older-than MINUTES   leave out what is younger: creations that are still at work, say
  --json                 one JSON document in place of the table
  --repair               repair what is listed as repairable, after asking
  --yes                  do not ask
  --help                 this text

AWS credentials are found as the AWS command line finds them. Calls go through HTTPS_PROXY, past the hosts of NO_PROXY;
AWS_ENDPOINT_URL names another endpoint than AWS's own.
Exit code: 0 nothing found, or all of it repaired; 1 something found or left; 2 wrong usage; 3 a call to AWS failed.
`

/** 0 nothing found or all repaired, 1 something found or left, 2 wrong usage, 3 a call to AWS failed. */
export type ExitCode = 0 | 1 | 2 | 3

type Output = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }

export type CommandDeps = PacerDeps & {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly stdout: Output
  readonly stderr: Output
  readonly paint: TableReportDeps['paint']
  /** Epoch milliseconds by the clock of whoever answers for the pool. */
  readonly now: (cognito: CognitoIdentityProviderClient) => number
  readonly createClient: (region: string) => CognitoIdentityProviderClient
  /** In the same Region and with the same credentials. */
  readonly createSecretsClient: (cognito: CognitoIdentityProviderClient) => SecretsManagerClient
}

export async function runCommand(
  { args, environment }: { readonly args: readonly string[]; readonly environment: Environment },
  deps: CommandDeps,
): Promise<ExitCode> {
  let command: Command
  try {
    command = readCommand(args, environment)
    refuseToAskNobody(command, deps)
  } catch (error) {
    const problem = usageProblem(error)
    if (problem === undefined) throw error
    deps.stderr.write(`${problem}\n`)
    return 2
  }
  if (command.kind === 'help') {
    await write(deps.stdout, usage)
    return 0
  }
  const cognito = deps.createClient(command.region)
  const secretsManager = deps.createSecretsClient(cognito)
  try {
    return exitCode(await report(command, { cognito, secretsManager }, deps))
  } finally {
    cognito.destroy()
    secretsManager.destroy()
  }
}

type Clients = { readonly cognito: CognitoIdentityProviderClient; readonly secretsManager: SecretsManagerClient }

function report(
  command: Extract<Command, { kind: 'report' }>,
  { cognito, secretsManager }: Clients,
  deps: CommandDeps,
): Promise<Summary> {
  const { userPoolId, secretsPrefix: prefix } = command
  const { stdin, stdout, stderr, monotonicNow, sleep } = deps
  const now = (): number => deps.now(cognito)
  const progress = stderr.isTTY ? createProgress({ write: (text) => stderr.write(text), monotonicNow }) : undefined
  const reportDeps = {
    userPoolId,
    write: (text: string): Promise<void> => {
      progress?.clear()
      return write(stdout, text)
    },
  }
  return runDrift(command, {
    pool: createPoolUsers({ cognito, userPoolId, monotonicNow, sleep }),
    secrets: prefix === undefined ? undefined : createUserSecrets({ secretsManager, prefix, monotonicNow, sleep }),
    report: createReport(command.format, reportDeps, deps),
    progress,
    now,
    logger: createJsonLogger({
      service: 'drift',
      now,
      write: (line) => {
        progress?.clear()
        stderr.write(`${line}\n`)
      },
    }),
    confirm: async (plan) => {
      progress?.clear()
      return (await ask({ question: questionOf(plan, command), input: stdin, output: stderr })) === 'yes'
    },
  })
}

function questionOf(
  { users, secrets }: RepairPlan,
  { userPoolId, secretsPrefix = '' }: Pick<Config, 'userPoolId' | 'secretsPrefix'>,
): string {
  const orphans = secrets.filter(({ problem }) => problem === 'without_user')
  const unset = secrets.length - orphans.length
  const under = `under ${secretsPrefix}`
  const steps = [
    users.length > 0 && `remove ${count(users.length, 'incomplete user')} from ${userPoolId}`,
    orphans.length > 0 && `schedule ${count(orphans.length, 'secret')} ${under} for deletion`,
    unset > 0 && `move ${count(unset, 'secret')} ${under} back to the password that is set`,
  ].filter((step) => step !== false)
  const text = steps.join(', ')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}? Type yes: `
}

function createReport(
  format: 'table' | 'json',
  reportDeps: Pick<TableReportDeps, 'userPoolId' | 'write'>,
  { stdout, paint }: CommandDeps,
): Report {
  if (format === 'json') return createJsonReport(reportDeps)
  // A terminal that does not know its size says 0.
  const { columns = 0 } = stdout
  return createTableReport({ ...reportDeps, paint, columns: columns > 0 ? columns : Infinity })
}

function refuseToAskNobody(command: Command, { stdin, stderr }: CommandDeps): void {
  if (command.kind === 'help' || command.repair !== 'after_asking') return
  if (stdin.isTTY && stderr.isTTY) return
  throw new UsageError('--repair asks before it changes anything, and there is no terminal to ask on. See --yes.')
}

function exitCode(summary: Summary): ExitCode {
  const counts = [summary.users, ...(summary.secrets ? [summary.secrets] : [])]
  if (summary.brokenOff !== undefined || counts.some(({ failed }) => failed > 0)) return 3
  return counts.some(({ left }) => left > 0) ? 1 : 0
}

async function write(stream: Output, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain')
}

/** Throws UsageError, or ConfigurationError naming every variable that is missing or refused. */
export function readCommand(args: readonly string[], environment: Environment): Command {
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
    secretsPrefix: readSecretsPrefix(values.secrets, environment),
    olderThanMs: readMinutes(values['older-than']) * 60_000,
    repair: !values.repair ? 'no' : values.yes ? 'without_asking' : 'after_asking',
  }
}

const parseOptions = {
  options: {
    'user-pool-id': { type: 'string' },
    region: { type: 'string' },
    secrets: { type: 'string' },
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

function readSecretsPrefix(option: string | undefined, environment: Environment): string | undefined {
  const text = option ?? environment['PASSWORD_SECRETS_PREFIX']
  // An empty variable is no variable.
  if (text === undefined || (option === undefined && text === '')) return undefined
  const prefix = deliveryVariables.PASSWORD_SECRETS_PREFIX.parse(text)
  if (prefix === undefined) {
    throw new UsageError(
      '--secrets or PASSWORD_SECRETS_PREFIX is no beginning of secrets’ names that ends with a slash.',
    )
  }
  return prefix
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
