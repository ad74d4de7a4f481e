// `npm run call`, put together from its arguments and streams; it ends no process and reads no global.
import { askApp1 } from './ask-app1.ts'
import { UsageError } from '../../command-line.ts'
import { readCommand, usage, type Command } from './config.ts'
import { readPassword, type PasswordStreams } from './read-password.ts'
import { jsonReport, textReport } from './report.ts'
import { NoCredentialsError, signRequest, type Signing } from './sign-request.ts'

/** 0 created, 1 refused or no answer, 2 wrong usage or no credentials: nothing was sent. */
export type ExitCode = 0 | 1 | 2

export type CommandDeps = PasswordStreams & {
  readonly stdout: NodeJS.WritableStream
  readonly fetch: typeof fetch
  readonly now: () => number
  readonly newIdempotencyKey: () => string
  /** The caller's own credentials, and the hash to sign with. */
  readonly signing: (region: string) => Signing
}

export async function runCommand(args: readonly string[], deps: CommandDeps): Promise<ExitCode> {
  try {
    return await run(readCommand(args), deps)
  } catch (error) {
    if (error instanceof UsageError) deps.stderr.write(`${error.message}\n`)
    else if (error instanceof NoCredentialsError) {
      deps.stderr.write('No AWS credentials were found, or they have expired. Nothing was sent.\n')
    } else throw error
    return 2
  }
}

async function run(command: Command, deps: CommandDeps): Promise<ExitCode> {
  if (command.kind === 'help') {
    deps.stdout.write(usage)
    return 0
  }
  const password = await readPassword(deps)
  const idempotencyKey = command.idempotencyKey ?? deps.newIdempotencyKey()
  const result = await askApp1(
    command,
    { password, idempotencyKey },
    {
      fetch: deps.fetch,
      sign: (request) =>
        signRequest(request, { ...deps.signing(command.region), region: command.region, now: deps.now }),
    },
  )
  deps.stdout.write(
    command.format === 'json' ? jsonReport(result, idempotencyKey) : textReport(result, command, idempotencyKey),
  )
  return result.kind === 'created' ? 0 : 1
}
