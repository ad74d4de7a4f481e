// `npm run drift`: lists the service users of a pool that are half-made or out of their group. `--help` has the options.
import { setTimeout as sleep } from 'node:timers/promises'
import { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { awsClientOptions } from '../../../shared/aws-client-options.ts'
import { errorName } from '../../../shared/aws-errors.ts'
import { paint } from '../../local/terminal.ts'
import { runCommand } from './command.ts'

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `npm run drift | head` is no failure, but whoever stopped reading was not told that there is nothing half-made.
  if (error.code !== 'EPIPE') throw error
  process.exit(1)
})

process.exitCode = await runCommand(
  { args: process.argv.slice(2) },
  {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    paint,
    monotonicNow: () => performance.now(),
    sleep,
    // The SDK knows from AWS's answers how far this machine's clock is off. On a clock that is fast by hours, users
    // that are being made right now would look like old ones.
    now: (cognito) => Date.now() + cognito.config.systemClockOffset,
    // An operator has more patience than a request: 8 attempts wait for about half a minute when Cognito throttles.
    createClient: (region) => new CognitoIdentityProviderClient({ ...awsClientOptions, maxAttempts: 8, region }),
  },
).catch((error: unknown) => {
  process.stderr.write(`The drift report failed: ${errorName(error)}\n`)
  return 3
})
