// Who calls App1: the IAM principal that API Gateway verified, against the list of callers. It believes nothing else.
import type { MiddlewareHandler } from 'hono'
import * as z from 'zod/mini'
import { app1Rules, type App1Rule, type Permission } from '#shared/access-rules.ts'
import { isSessionOf, parseAssumedRole, type RoleArn } from '#shared/aws/role-arn.ts'
import { ServiceError } from '#shared/errors.ts'
import type { AppEnvironment } from '#shared/http/app-environment.ts'
import { bindFields } from '#shared/logger.ts'

export type AllowedCaller = { readonly role: RoleArn; readonly permissions: readonly Permission[] }

type Refusal = 'not_a_role' | 'not_on_the_list' | 'no_permission'

export type CallerDecision =
  | { readonly allowed: true; readonly principal: string }
  | { readonly allowed: false; readonly reason: 'no_principal'; readonly principal: undefined }
  | { readonly allowed: false; readonly reason: Refusal; readonly principal: string }

/** What an HTTP API with `AWS_IAM` authorization (payload 2.0) says of the caller whose signature it verified. */
const iamContext = z.object({ authorizer: z.object({ iam: z.object({ userArn: z.string() }) }) })

/**
 * Whether the caller of this request is an assumed role on the list, with the permission that `access` names. The `principal` is the *role's*
 * ARN: session names are chosen by the caller and change from one session to the next, and a repeat must be known as the
 * same caller's. IAM users and root are never let in. A refused `principal` is for the audit: the ARN that was verified, without
 * the session's name where there is one.
 */
export function decideCaller(
  requestContext: unknown,
  allowedCallers: readonly AllowedCaller[],
  access: App1Rule['access'],
): CallerDecision {
  const parsed = z.safeParse(iamContext, requestContext)
  if (!parsed.success) return { allowed: false, reason: 'no_principal', principal: undefined }
  const { userArn } = parsed.data.authorizer.iam
  const assumed = parseAssumedRole(userArn)
  if (assumed === undefined) return { allowed: false, reason: 'not_a_role', principal: userArn }
  const caller = allowedCallers.find(({ role }) => isSessionOf(role, assumed))
  if (caller === undefined) {
    return { allowed: false, reason: 'not_on_the_list', principal: userArn.slice(0, userArn.lastIndexOf('/')) }
  }
  const principal = caller.role.arn
  if (!caller.permissions.some((permission) => permission === access))
    return { allowed: false, reason: 'no_permission', principal }
  return { allowed: true, principal }
}

/**
 * Lets a request on only if the list gives its caller the permission that the table of routes names, and then has the caller in
 * `c.var.requestedBy`. Anybody else, and a route that the table gives no permission, is `forbidden`.
 */
export function requireCaller(allowedCallers: readonly AllowedCaller[]): MiddlewareHandler<AppEnvironment> {
  const rules: readonly App1Rule[] = app1Rules
  return async (c, next) => {
    const rule = rules.find(({ method, path }) => method === c.req.method && path === c.req.path)
    if (rule === undefined) throw new ServiceError('forbidden', { reason: 'access_table' })
    const decision = decideCaller(c.env.requestContext, allowedCallers, rule.access)
    c.set('logger', bindFields(c.var.logger, { requested_by: decision.principal }))
    if (!decision.allowed) throw new ServiceError('forbidden', { reason: decision.reason })
    c.set('requestedBy', decision.principal)
    await next()
  }
}
