// Who calls App1: the IAM principal that API Gateway verified, against the allow-list. It believes nothing else.
import * as z from 'zod/mini'
import { isSessionOf, parseAssumedRole, type RoleArn } from '#shared/aws/role-arn.ts'

export type CallerDecision =
  | { readonly allowed: true; readonly principal: string }
  | { readonly allowed: false; readonly reason: 'no_principal' }
  | { readonly allowed: false; readonly reason: 'not_a_role' | 'not_on_the_list'; readonly principal: string }

/** What an HTTP API with `AWS_IAM` authorization (payload 2.0) says of the caller whose signature it verified. */
const iamContext = z.object({ authorizer: z.object({ iam: z.object({ userArn: z.string() }) }) })

/**
 * Whether the caller of this request is an assumed role on the list. The `principal` is the *role's* ARN: session
 * names are chosen by the caller and change from one session to the next, and a repeat must be known as the same
 * caller's. IAM users and root are never let in. A refused `principal` is for the audit: the ARN that was verified, without
 * the session's name where there is one.
 */
export function decideCaller(requestContext: unknown, allowedCallers: readonly RoleArn[]): CallerDecision {
  const parsed = z.safeParse(iamContext, requestContext)
  if (!parsed.success) return { allowed: false, reason: 'no_principal' }
  const { userArn } = parsed.data.authorizer.iam
  const assumed = parseAssumedRole(userArn)
  if (assumed === undefined) return { allowed: false, reason: 'not_a_role', principal: userArn }
  const role = allowedCallers.find((allowed) => isSessionOf(allowed, assumed))
  if (role === undefined) {
    return { allowed: false, reason: 'not_on_the_list', principal: userArn.slice(0, userArn.lastIndexOf('/')) }
  }
  return { allowed: true, principal: role.arn }
}
