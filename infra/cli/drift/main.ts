// `npm run drift`: lists the service users of a pool that are incomplete or out of their group, and what is wrong with their secrets. `--help` has the options.
import { setTimeout as sleep } from 'node:timers/promises'
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { awsClientOptions } from '#shared/aws/aws-client-options.ts'
import { UsageError } from '../command-line.ts'
import { paint } from '../../local/terminal.ts'
import { askMfaCode } from '../ask.ts'
import { operatorCredentials, profileOf } from '../aws-access.ts'
import { useProxy } from '../proxy.ts'
import { reasonOf, reasonText } from '../reason.ts'
import { runCommand, type CommandDeps, type ExitCode } from './command.ts'

const { argv, env, stdin, stdout, stderr } = process

async function main(): Promise<ExitCode> {
  const proxied = useProxy(env)
  const profile = profileOf(env)
  // An operator has more patience than a request: 8 attempts wait for about half a minute when AWS throttles.
  const options = {
    ...awsClientOptions,
    maxAttempts: 8,
    requestHandler: { ...awsClientOptions.requestHandler, ...proxied },
  }
  const deps: CommandDeps = {
    stdin,
    stdout,
    stderr,
    paint,
    monotonicNow: () => performance.now(),
    sleep,
    // The SDK knows from AWS's answers how far this machine's clock is off. On a clock that is fast by hours, users
    // that are being made right now would look like old ones.
    now: (cognito) => Date.now() + cognito.config.systemClockOffset,
    createClient: (region) =>
      new CognitoIdentityProviderClient({
        ...options,
        credentials: operatorCredentials(env, { requestHandler: proxied, askMfaCode: askMfaCode({ stdin, stderr }) }),
        region,
        ...(profile !== undefined && { profile }),
      }),
    // Whose credentials are asked for once: an MFA code serves both.
    createSecretsClient: (cognito) =>
      new SecretsManagerClient({
        ...options,
        credentials: cognito.config.credentials,
        region: cognito.config.region,
        ...(profile !== undefined && { profile }),
      }),
  }
  return runCommand({ args: argv.slice(2), environment: env }, deps)
}

stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `npm run drift | head` is no failure, but whoever stopped reading was not told that there is nothing incomplete.
  if (error.code !== 'EPIPE') throw error
  process.exit(1)
})
process.exitCode = await main().catch((error: unknown) => {
  const usage = error instanceof UsageError
  stderr.write(usage ? `${error.message}\n` : `The drift report failed: ${reasonText(reasonOf(error))}\n`)
  return usage ? 2 : 3
})
