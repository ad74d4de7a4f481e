// App2's own second look at who calls, from what the authorizer vouched for; without that it lets nobody in.
import type { Context, MiddlewareHandler } from 'hono'
import * as z from 'zod/mini'
import { findAccessRule, opens, type Identity } from '../access-rules.ts'
import { ServiceError } from '../errors.ts'
import { bindFields } from '../logger.ts'
import type { AppEnvironment } from './app-environment.ts'

/** What our authorizer puts into its context. API Gateway hands every value over as a string. */
const authorizerContext = z.object({
  authorizer: z.object({
    sub: z.string().check(z.minLength(1)),
    client: z.enum(['machine', 'service']),
    groups: z.string(),
  }),
})

export type Caller = Identity & {
  /** The pool's immutable id of the user; a deleted name can be made again, a `sub` cannot. */
  readonly sub: string
}

/**
 * Lets a request on only if the access table opens its method and path to the caller. No authorizer context, or one of
 * another shape, is `unauthorized`: the request came past the gateway. A caller without the group or the client, or a
 * route that is not in the table, is `forbidden`.
 */
export const requireAccess: MiddlewareHandler<AppEnvironment> = async (c, next) => {
  const rule = findAccessRule(c.req.method, c.req.path)
  const caller = readCaller(c)
  if (rule === undefined || !opens(rule, caller)) throw new ServiceError('forbidden', { reason: 'access_table' })
  c.set('logger', bindFields(c.var.logger, { client: caller.client }))
  await next()
}

/** The caller that the authorizer vouched for. Throws `unauthorized` if it vouched for nobody. */
export function readCaller(c: Context<AppEnvironment>): Caller {
  const parsed = z.safeParse(authorizerContext, c.env.requestContext)
  if (!parsed.success) throw new ServiceError('unauthorized', { reason: 'no_authorizer_context' })
  const { sub, client, groups } = parsed.data.authorizer
  return { sub, client, groups: groups.split(' ') }
}
