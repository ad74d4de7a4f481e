// `npm run bulk`: has a deployed App1 create the users of a CSV file, signed with the operator's own credentials. `--help` has
// the options.
import { setTimeout as sleep } from 'node:timers/promises'
import { runOperatorCommand } from '../run-operator-command.ts'
import { runCommand } from './command.ts'

await runOperatorCommand(process, (args, deps) =>
  runCommand(args, { ...deps, sleep, monotonicNow: () => performance.now() }),
)
