// `npm run bulk`: has a deployed App1 create the users of a CSV file, signed with the operator's own credentials. `--help` has
// the options.
import { setTimeout as sleep } from 'node:timers/promises'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { endWithClosedPipe } from '../../local/terminal.ts'
import { askMfaCode } from '../ask.ts'
import { operatorCredentials, operatorRegion } from '../aws-access.ts'
import { UsageError } from '../command-line.ts'
import { useProxy } from '../proxy.ts'
import { reasonOf, reasonText } from '../reason.ts'
import { runCommand, type ExitCode } from './command.ts'

const { argv, env, stdin, stdout, stderr } = process

const interrupted = new Promise<void>((resolve) => {
  process.once('SIGINT', () => {
    resolve()
    // Once the report is written; the request would keep the process for its whole time.
    setTimeout(() => process.exit(), 100)
  })
})

async function main(): Promise<ExitCode> {
  const requestHandler = useProxy(env)
  const provider = operatorCredentials(env, { requestHandler, askMfaCode: askMfaCode({ stdin, stderr }) })
  return runCommand(argv.slice(2), {
    stdout,
    stderr,
    interrupted,
    sleep,
    monotonicNow: () => performance.now(),
    configuredRegion: () => operatorRegion(env),
    // Any client's configuration remembers them, and hands the Region on to the provider, which may assume a role in it.
    credentials: (region) => new SecretsManagerClient({ region, credentials: provider }).config.credentials,
  })
}

endWithClosedPipe()
process.exitCode = await main().catch((error: unknown) => {
  stderr.write(
    error instanceof UsageError ? `${error.message}\n` : `The command failed: ${reasonText(reasonOf(error))}\n`,
  )
  return error instanceof UsageError ? 2 : 1
})
