// `npm run call`, put together from its arguments and streams; it ends no process and reads no global.
import { UsageError } from '../command-line.ts'
import { askApp1 } from './ask-app1.ts'
import { readCommand, readRegion, usage, type Call, type Command } from './config.ts'
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
  /** Where the URL names no Region. */
  readonly configuredRegion: () => Promise<string | undefined>
  /** The caller's own credentials, and the hash to sign with. */
  readonly signing: (region: string) => Signing
}

export async function runCommand(args: readonly string[], deps: CommandDeps): Promise<ExitCode> {
  try {
    return await run(readCommand(args), deps)
  } catch (error) {
    if (error instanceof UsageError) deps.stderr.write(`${error.message}\n`)
    else if (error instanceof NoCredentialsError) {
      deps.stderr.write(`No AWS credentials could be had. Nothing was sent.\n${error.message}\n`)
    } else throw error
    return 2
  }
}

async function run(command: Command, deps: CommandDeps): Promise<ExitCode> {
  if (command.kind === 'help') {
    deps.stdout.write(usage)
    return 0
  }
  const region = readRegion(command.region ?? (await deps.configuredRegion()))
  const call: Call = { ...command, region }
  const password = await readPassword(deps)
  const idempotencyKey = command.idempotencyKey ?? deps.newIdempotencyKey()
  const result = await askApp1(
    call,
    { password, idempotencyKey },
    {
      fetch: deps.fetch,
      sign: (request) => signRequest(request, { ...deps.signing(region), region, now: deps.now }),
    },
  )
  deps.stdout.write(
    call.format === 'json' ? jsonReport(result, idempotencyKey) : textReport(result, call, idempotencyKey),
  )
  return result.kind === 'created' ? 0 : 1
}
