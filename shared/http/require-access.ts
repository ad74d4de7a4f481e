// App2's own second look at who calls, from what the gateway handed on; without that it lets nobody in.
import type { MiddlewareHandler } from 'hono'
import { findAccessRule, opens } from '../access-rules.ts'
import { callerRequestIdHeader } from '../contract.ts'
import { ServiceError } from '../errors.ts'
import { bindFields } from '../logger.ts'
import type { AppEnvironment, CallerReader } from './app-environment.ts'

/**
 * Lets a request on only if the access table opens its method and path to the caller, who is then in `c.var.caller`.
 * Nobody that `readCaller` knows is `unauthorized`: the request came past the gateway. A caller without the permission that
 * the row names for its kind, or a route that is not in the table, is `forbidden`.
 */
export function requireAccess(readCaller: CallerReader): MiddlewareHandler<AppEnvironment> {
  return async (c, next) => {
    const rule = findAccessRule(c.req.method, c.req.path)
    const caller = readCaller(c.env.requestContext)
    if (caller === undefined) throw new ServiceError('unauthorized', { reason: 'no_verified_caller' })
    if (rule === undefined || !opens(rule, caller)) throw new ServiceError('forbidden', { reason: 'access_table' })
    c.set('caller', caller)
    const client = caller.kind === 'principal' ? undefined : caller.client
    const caller_request_id = readCallerRequestId(c.req.header(callerRequestIdHeader))
    c.set('logger', bindFields(c.var.logger, { client, caller_kind: caller.kind, caller_request_id }))
    await next()
  }
}

/** API Gateway's ids are base64 or UUIDs; anything else is not worth a place in the log. */
function readCallerRequestId(header: string | undefined): string | undefined {
  return /^[\w+/=-]{1,64}$/.test(String(header)) ? header : undefined
}
