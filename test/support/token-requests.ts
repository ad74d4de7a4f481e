// How App1 asks for its tokens in each mode, as local AWS's call log names it.
import type { Call } from '../../infra/emulators/aws/call-log.ts'
import type { TokenMode } from '#infra/local/machine-token.ts'
import { machineAuthModes, type MachineAuth } from '#shared/machine/machine-auth.ts'

type BearerMode = Exclude<MachineAuth, 'sigv4'>

export const tokenOperation = {
  password: 'InitiateAuth',
  'client-credentials': 'TokenEndpoint',
  'client-token': 'GetClientToken',
  'sts-token': 'GetWebIdentityToken',
} as const satisfies Record<BearerMode, string>

/** Those in which App1 has a token at all. */
export const bearerModes: readonly BearerMode[] = machineAuthModes.filter((mode) => mode !== 'sigv4')

/** Those in which it has credentials for one. */
export const tokenModes: readonly TokenMode[] = bearerModes.filter((mode) => mode !== 'sts-token')

/** How many tokens have been asked for by the way of `mode`; with `password`, those of service users count as well. */
export function countTokenRequests(calls: readonly Call[], mode: BearerMode): number {
  return calls.filter(({ operation }) => operation === tokenOperation[mode]).length
}
