// How App1 asks for its tokens in each mode, as local AWS's call log names it.
import type { Call } from '../../infra/emulators/aws/call-log.ts'
import type { TokenMode } from '#infra/local/machine-token.ts'
import { machineAuthModes, type MachineAuth } from '#shared/machine/machine-auth.ts'

export const tokenOperation = {
  password: 'InitiateAuth',
  'client-credentials': 'TokenEndpoint',
  'client-token': 'GetClientToken',
} as const satisfies Record<TokenMode, string>

/** Those in which App1 has a token at all. */
export const tokenModes: readonly TokenMode[] = machineAuthModes.filter(
  (mode) => mode !== 'sigv4' && mode !== 'sts-token',
)

/** Those that a pair on one machine knows. */
export const pairModes: readonly Exclude<MachineAuth, 'sts-token'>[] = machineAuthModes.filter(
  (mode) => mode !== 'sts-token',
)

/** How many tokens have been asked for by the way of `mode`; with `password`, those of service users count as well. */
export function countTokenRequests(calls: readonly Call[], mode: TokenMode): number {
  return calls.filter(({ operation }) => operation === tokenOperation[mode]).length
}
