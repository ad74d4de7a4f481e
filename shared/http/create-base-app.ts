// The part that all apps share: request id, deadline, logger, problem documents and the health route.
import { Hono } from 'hono'
import { createDeadline } from '../time/deadline.ts'
import { ServiceError, toServiceError } from '../errors.ts'
import { bindFields, type Logger } from '../logger.ts'
import { createStepTimer } from '../time/step-timer.ts'
import type { AppEnvironment } from './app-environment.ts'
import { requestIdOf } from './lambda-handler.ts'
import { logFailure, problemResponse } from './problem.ts'
import { readHumanToken } from './read-human-token.ts'
import { limitBody } from './read-json-body.ts'

export type BaseDeps = { readonly logger: Logger; readonly now: () => number }

/** Kept free at the end of a function's time, to word the answer: a killed function answers nothing at all. */
const answerMarginMs = 500

/** API Gateway gives up after 29 s (REST) or 30 s (HTTP API); what we start must end before. */
const longestRequestMs = 28_000

/**
 * A Hono app on which routes can be put. Everything thrown in them becomes a problem document; what has no public
 * meaning becomes `internal_error`, and only the thrown thing's name is logged. No CORS: browsers have no business here.
 */
export function createBaseApp(deps: BaseDeps): Hono<AppEnvironment> {
  const app = new Hono<AppEnvironment>()

  app.use(async (c, next) => {
    const requestId = requestIdOf(c.env.lambdaContext)
    const functionMs = c.env.lambdaContext?.getRemainingTimeInMillis() ?? Infinity
    c.set('requestId', requestId)
    c.set('logger', bindFields(deps.logger, { request_id: requestId, route: `${c.req.method} ${c.req.path}` }))
    c.set(
      'deadline',
      createDeadline({ now: deps.now, budgetMs: Math.min(functionMs - answerMarginMs, longestRequestMs) }),
    )
    c.set('timer', createStepTimer(deps.now))
    await next()
    c.header('cache-control', 'no-store')
  })
  app.use(limitBody)
  app.use(readHumanToken)

  app.get('/health', (c) => c.json({ status: 'ok' }))

  app.notFound((c) => problemResponse(new ServiceError('not_found'), requestIdOf(c.env.lambdaContext)))

  app.onError((thrown, c) => {
    const error = toServiceError(thrown)
    logFailure(error, c.var.logger, c.var.timer.fields())
    return problemResponse(error, c.var.requestId, c.var.write)
  })

  return app
}
