// `npm run users`: asks a deployed App1 about service users, signed with the operator's own credentials. `--help` has the
// commands.
import { runOperatorCommand } from '../run-operator-command.ts'
import { runCommand } from './command.ts'

await runOperatorCommand(process, runCommand)
