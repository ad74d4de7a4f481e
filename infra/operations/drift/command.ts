// `npm run drift`, put together from its arguments and streams; it ends no process and reads no global.
import { once } from 'node:events'
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import type { Environment } from '../../../shared/env.ts'
import { createJsonLogger } from '../../../shared/logger.ts'
import { UsageError } from '../../command-line.ts'
import { readCommand, usage, usageProblem, type Command } from './config.ts'
import { confirm } from './confirm.ts'
import { createJsonReport } from './json-report.ts'
import type { PacerDeps } from './pacer.ts'
import { createPoolUsers } from './pool-users.ts'
import { createProgress } from './progress.ts'
import type { Report, Summary } from './report.ts'
import { runDrift } from './run-drift.ts'
import { createTableReport, type TableReportDeps } from './table-report.ts'

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
}

export async function runCommand(
  { args, environment }: { readonly args: readonly string[]; readonly environment?: Environment },
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
  try {
    return exitCode(await report(command, cognito, deps))
  } finally {
    cognito.destroy()
  }
}

function report(
  command: Extract<Command, { kind: 'report' }>,
  cognito: CognitoIdentityProviderClient,
  deps: CommandDeps,
): Promise<Summary> {
  const { userPoolId } = command
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
    confirm: (userCount) => {
      progress?.clear()
      const users = userCount === 1 ? '1 half-made user' : `${userCount.toLocaleString('en')} half-made users`
      return confirm({ question: `Remove ${users} from ${userPoolId}? Type yes: `, input: stdin, output: stderr })
    },
  })
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
  throw new UsageError('--repair asks before it removes anybody, and there is no terminal to ask on. See --yes.')
}

function exitCode(summary: Summary): ExitCode {
  if (summary.brokenOff !== undefined || summary.failed > 0) return 3
  return summary.left > 0 ? 1 : 0
}

async function write(stream: Output, text: string): Promise<void> {
  if (!stream.write(text)) await once(stream, 'drain')
}
