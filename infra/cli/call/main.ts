// `npm run call`: asks a deployed App1 for a service user, signed with the caller's own credentials. `--help` has the options.
import { randomUUID } from 'node:crypto'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { UsageError } from '../command-line.ts'
import { endWithClosedPipe } from '../../local/terminal.ts'
import { operatorCredentials, operatorRegion } from '../aws-access.ts'
import { askMfaCode } from '../ask.ts'
import { useProxy } from '../proxy.ts'
import { reasonOf, reasonText } from '../reason.ts'
import { runCommand, type CommandDeps, type ExitCode } from './command.ts'

const { argv, env, stdin, stdout, stderr } = process

async function main(): Promise<ExitCode> {
  const requestHandler = useProxy(env)
  const credentialProvider = operatorCredentials(env, { requestHandler, askMfaCode: askMfaCode({ stdin, stderr }) })
  const deps: CommandDeps = {
    stdin,
    stdout,
    stderr,
    fetch,
    now: Date.now,
    newIdempotencyKey: randomUUID,
    configuredRegion: () => operatorRegion(env),
    // Any client's configuration hands the Region on to the provider, which may have to assume a role in it.
    signing: (region) => {
      const { credentials } = new SecretsManagerClient({ region, credentials: credentialProvider }).config
      return { credentials }
    },
  }
  return runCommand(argv.slice(2), deps)
}

endWithClosedPipe()
process.exitCode = await main().catch((error: unknown) => {
  stderr.write(error instanceof UsageError ? `${error.message}\n` : `The call failed: ${reasonText(reasonOf(error))}\n`)
  return error instanceof UsageError ? 2 : 1
})
