// How the two services of a local pair know each other, checked as a whole; it refuses what could not be deployed either.
import type { HumanIdentity } from '#shared/human/human-issuers.ts'
import type { MachineAuth } from '#shared/machine/machine-auth.ts'
import { choiceProblem } from '../deploy/choice-problem.ts'
import type { App2Authorizer, PairModes } from '../deploy/modes.ts'

export type PairModeOptions = {
  /** `password` when absent. */
  readonly machineAuth?: MachineAuth
  /** One more that App2 takes, while a team moves from one to the other. */
  readonly machineAuthAlso?: MachineAuth
  /** `lambda` when absent. */
  readonly app2Authorizer?: App2Authorizer
  /** Whether App1 takes jobs and dry runs; it does not when absent. */
  readonly jobs?: boolean
  /** None when absent: no password is generated. */
  readonly passwordReaders?: readonly string[]
  /**
   * Whether a creation needs its human's token; a pool of people is made beside the pair's own then, and `issuers` are others, as
   * `HUMAN_ISSUERS` has them. No such token is taken when absent.
   */
  readonly human?: { readonly identity: HumanIdentity; readonly issuers?: readonly string[] } | undefined
  /** With `sts-token`: whether each creation has a token of its own, and a token must come from App1's function; not when absent. */
  readonly stsTokenPerRequest?: boolean
  readonly stsFunctionCheck?: boolean
}

/** How fast jobs are worked off. */
export type JobPace = {
  readonly bulkShare: number
  /** Of all creations, which App2 admits no more of. */
  readonly creationsPerSecond: number
  /** How many instances of job-worker share the rate of jobs. */
  readonly workers: number
  readonly sweepMs: number
}

/** As serverless.yml has it. */
export const authorizerTtlSeconds = 60
/** As serverless.yml has it. */
export const jobPace: JobPace = { bulkShare: 0.75, creationsPerSecond: 20, workers: 2, sweepMs: 60_000 }

/**
 * Without the issuers of humans, which are known once their pool is there. Throws RangeError, with what to choose instead, for what
 * could not be deployed together.
 */
export function choosePairModes(options: PairModeOptions): PairModes {
  const { machineAuth = 'password', machineAuthAlso, app2Authorizer = 'lambda' } = options
  const problem = choiceProblem({ machineAuth, machineAuthAlso: machineAuthAlso ?? 'none', app2Authorizer })
  if (problem !== undefined) throw new RangeError(problem)
  return {
    machineAuth,
    accepted: machineAuthAlso ? [machineAuth, machineAuthAlso] : [machineAuth],
    app2Authorizer,
    lifeCycle: true,
    passwordReaders: options.passwordReaders ?? [],
    jobs: options.jobs ?? false,
    stsTokenPerRequest: options.stsTokenPerRequest ?? false,
    stsFunctionCheck: options.stsFunctionCheck ?? false,
  }
}
