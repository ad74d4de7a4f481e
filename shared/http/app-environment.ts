// What every app of ours finds in Hono's context; it never holds anything of the request's body.
import type { LambdaContext, LambdaEvent } from 'hono/aws-lambda'
import type { Deadline } from '../time/deadline.ts'
import type { Logger } from '../logger.ts'
import type { StepTimer } from '../time/step-timer.ts'
import type { Caller } from './caller.ts'

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
    /** Set once a creation is under way, so that its failures say how to repeat it. */
    creation?: { readonly idempotencyKey?: string }
  }
}
