// How the two services of a local pair know each other, checked as a whole; it refuses what could not be deployed either.
import type { AccessRule } from '#shared/access-rules.ts'
import { scopeModes, type MachineAuth } from '#shared/machine/machine-auth.ts'
import { choiceProblem } from '../deploy/choice-problem.ts'
import type { Authorization } from '../emulators/gateway/rest-gate.ts'

export type PairModes = {
  /** What App1 uses. */
  readonly machineAuth: MachineAuth
  /** What App2 takes. */
  readonly accepted: readonly MachineAuth[]
  /** Ours, or API Gateway's own for Cognito. */
  readonly app2Authorizer: 'lambda' | 'cognito'
}

export type PairModeOptions = {
  /** `password` when absent. */
  readonly machineAuth?: MachineAuth
  /** One more that App2 takes, while a team moves from one to the other. */
  readonly machineAuthAlso?: MachineAuth
  /** `lambda` when absent. */
  readonly app2Authorizer?: 'lambda' | 'cognito'
}

/** As serverless.yml has it. */
export const authorizerTtlSeconds = 60

/** Throws RangeError, with what to choose instead, for what could not be deployed together. */
export function choosePairModes(options: PairModeOptions): PairModes {
  const { machineAuth = 'password', machineAuthAlso, app2Authorizer = 'lambda' } = options
  const problem = choiceProblem({ machineAuth, machineAuthAlso: machineAuthAlso ?? 'none', app2Authorizer })
  if (problem !== undefined) throw new RangeError(problem)
  return { machineAuth, accepted: machineAuthAlso ? [machineAuth, machineAuthAlso] : [machineAuth], app2Authorizer }
}

/** Whether tokens with scopes are taken at all. */
export function takesScopes({ accepted }: PairModes): boolean {
  return accepted.some(isScopeMode)
}

/** What stands in front of the route of `rule`. IAM opens a route only where the table names a principal. */
export function authorizationFor({ access }: AccessRule, { accepted, app2Authorizer }: PairModes): Authorization {
  if (access === 'public') return { kind: 'none' }
  if (app2Authorizer === 'cognito') return { kind: 'cognito', scopes: [access.scope] }
  return { kind: accepted.includes('sigv4') && access.principal !== undefined ? 'iam' : 'token' }
}

function isScopeMode(mode: MachineAuth): boolean {
  return scopeModes.some((scopeMode) => scopeMode === mode)
}
