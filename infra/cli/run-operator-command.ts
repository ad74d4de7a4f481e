// How a command that asks App1 begins and ends: the operator's credentials, Ctrl-C, and what is said of a failure.
import { SecretsManagerClient, type SecretsManagerClientConfig } from '@aws-sdk/client-secrets-manager'
import { endWithClosedPipe } from '../local/terminal.ts'
import { askMfaCode } from './ask.ts'
import { operatorCredentials, operatorRegion } from './aws-access.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import { UsageError } from './command-line.ts'
import { readHumanToken } from './human-token.ts'
import { useProxy } from './proxy.ts'
import { reasonOf, reasonText } from './reason.ts'

export type OperatorDeps = {
  readonly stdin: NodeJS.ReadStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  /** Resolves at Ctrl-C; a moment later the process ends. */
  readonly interrupted: Promise<void>
  readonly configuredRegion: () => Promise<string | undefined>
  /** Of the human in whose name the operator asks. */
  readonly humanToken: SecretValue | undefined
  readonly credentials: (region: string) => NonNullable<SecretsManagerClientConfig['credentials']>
}

/** `run` gets the arguments of `program`, this process, and gives its exit code. */
export async function runOperatorCommand(
  program: NodeJS.Process,
  run: (args: readonly string[], deps: OperatorDeps) => Promise<number>,
): Promise<void> {
  const { argv, env, stdin, stdout, stderr } = program
  const interrupted = new Promise<void>((resolve) => {
    program.once('SIGINT', () => {
      resolve()
      // Once the report is written; the request would keep the process for its whole time.
      setTimeout(() => program.exit(), 100)
    })
  })
  endWithClosedPipe()
  try {
    const requestHandler = useProxy(env)
    const provider = operatorCredentials(env, { requestHandler, askMfaCode: askMfaCode({ stdin, stderr }) })
    program.exitCode = await run(argv.slice(2), {
      ...{ stdin, stdout, stderr, interrupted },
      humanToken: readHumanToken(env),
      configuredRegion: () => operatorRegion(env),
      // Any client's configuration remembers them, and hands the Region on to the provider, which may assume a role in it.
      credentials: (region) => new SecretsManagerClient({ region, credentials: provider }).config.credentials,
    })
  } catch (error) {
    stderr.write(
      error instanceof UsageError ? `${error.message}\n` : `The command failed: ${reasonText(reasonOf(error))}\n`,
    )
    program.exitCode = error instanceof UsageError ? 2 : 1
  }
}
