// Which app clients' tokens are taken, by the modes in use; it never accepts the client of a mode that is not in use.
import {
  appClientId,
  machineAuthAccepted,
  machineClientId,
  machineScopeClientId,
  serviceScopeClientId,
} from '#shared/aws/aws-variables.ts'
import { ConfigurationError, readEnvironment, type Environment } from '#shared/env.ts'
import { machineAuthModes, scopeModes, type MachineAuth } from '#shared/machine/machine-auth.ts'
import type { AppClient } from './access-claims.ts'

/** The variables of all modes. Which of them must be there depends on the modes: see `readAcceptedClients`. */
export const clientVariables = {
  MACHINE_AUTH_ACCEPTED: machineAuthAccepted,
  MACHINE_CLIENT_ID: machineClientId,
  SERVICE_CLIENT_ID: { ...appClientId('service users'), fallback: undefined },
  MACHINE_SCOPE_CLIENT_ID: machineScopeClientId,
  SERVICE_SCOPE_CLIENT_ID: serviceScopeClientId,
}

type ClientUse = {
  readonly name: Exclude<keyof typeof clientVariables, 'MACHINE_AUTH_ACCEPTED'>
  readonly appClient: AppClient
  /** The client is used while one of these is accepted. */
  readonly modes: readonly MachineAuth[]
  readonly optional?: true
}

/** Service users are users of the pool whatever App1 does. */
const clientUses: readonly ClientUse[] = [
  { name: 'MACHINE_CLIENT_ID', appClient: { client: 'machine', token: 'user' }, modes: ['password'] },
  { name: 'SERVICE_CLIENT_ID', appClient: { client: 'service', token: 'user' }, modes: machineAuthModes },
  { name: 'MACHINE_SCOPE_CLIENT_ID', appClient: { client: 'machine', token: 'machine' }, modes: scopeModes },
  {
    name: 'SERVICE_SCOPE_CLIENT_ID',
    appClient: { client: 'service', token: 'machine' },
    modes: scopeModes,
    optional: true,
  },
]

/**
 * The clients of the accepted modes, by id. Throws one ConfigurationError that lists every id that is missing, that is
 * set though no accepted mode uses it (left behind by a mode that was given up, it would keep that way open), or that
 * is given twice: then every token would be a machine's and a service's at once.
 */
export function readAcceptedClients(environment: Environment): ReadonlyMap<string, AppClient> {
  const values = readEnvironment(environment, clientVariables)
  const clients = new Map<string, AppClient>()
  const problems: string[] = []
  for (const { name, appClient, modes, optional } of clientUses) {
    const id = values[name]
    const used = modes.some((mode) => values.MACHINE_AUTH_ACCEPTED.includes(mode))
    if (id === undefined) {
      if (used && optional !== true) problems.push(`${name} is missing`)
    } else if (!used) problems.push(`${name} is set, but no mode of MACHINE_AUTH_ACCEPTED uses it`)
    else if (clients.has(id)) problems.push(`${name} must differ from the other client ids`)
    else clients.set(id, appClient)
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return clients
}
