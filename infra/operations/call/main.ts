// `npm run call`: asks a deployed App1 for a service user, signed with the caller's own credentials. `--help` has the options.
import { randomUUID } from 'node:crypto'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { errorName } from '../../../shared/aws-errors.ts'
import { endWithClosedPipe } from '../../local/terminal.ts'
import { runCommand } from './command.ts'

endWithClosedPipe()
process.exitCode = await runCommand(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  fetch,
  now: Date.now,
  newIdempotencyKey: randomUUID,
  // Any client's configuration resolves the default provider chain: environment, profile, SSO, container, instance.
  signing: (region) => {
    const { credentials, sha256 } = new SecretsManagerClient({ region }).config
    return { credentials, sha256 }
  },
}).catch((error: unknown) => {
  process.stderr.write(`The call failed: ${errorName(error)}\n`)
  return 1
})
