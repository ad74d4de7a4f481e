// What every app of ours finds in Hono's context, the verified caller included; it never holds anything of the body.
import type { LambdaContext, LambdaEvent } from 'hono/aws-lambda'
import type { SecretValue } from '../text/secret-value.ts'
import type { Deadline } from '../time/deadline.ts'
import type { Logger } from '../logger.ts'
import type { StepTimer } from '../time/step-timer.ts'
import type { Identity } from '../access-rules.ts'
import type { WriteContext } from './problem.ts'

export type AppEnvironment = {
  Bindings: {
    readonly event?: LambdaEvent
    readonly lambdaContext?: LambdaContext
    /** Not typed: what an authorizer put there has to be parsed before it is believed. */
    readonly requestContext?: unknown
  }
  Variables: {
    requestId: string
    logger: Logger
    deadline: Deadline
    /** Its steps stand in the request's last log line, whether it was served or not. */
    timer: StepTimer
    /** Set on a gated route, once the access table has opened it to this caller. */
    caller: Caller
    /** App1: set once the list of callers has opened the route to the role that API Gateway verified; its ARN. */
    requestedBy: string
    /** Of the human behind the request, not verified yet. Absent where none was sent. */
    unverifiedHumanToken?: SecretValue
    /** Set once a write is under way, so that its failures say what became of it, and how to repeat it. */
    write?: WriteContext
  }
}

export type Caller = Identity & {
  /**
   * Of a user, the pool's immutable id: a deleted name can be made again, a `sub` cannot. Of a machine, what its token
   * says, or its client's id. Of a principal, the role's ARN.
   */
  readonly sub: string
}

/**
 * The caller that API Gateway's `requestContext` names, or undefined where it names nobody. A reader takes
 * its own source's form, whole, and nothing else: what another source would write counts for nothing.
 */
export type CallerReader = (requestContext: unknown) => Caller | undefined
