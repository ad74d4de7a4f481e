// Who calls App1: the IAM principal that API Gateway verified, against the allow-list. It believes nothing else.
import * as z from 'zod/mini'

export type RoleArn = {
  readonly arn: string
  readonly partition: string
  readonly accountId: string
  /** The last part of the ARN, without the path. Unique within an account, whatever the path. */
  readonly roleName: string
}

export type CallerDecision =
  | { readonly allowed: true; readonly principal: string }
  | { readonly allowed: false; readonly reason: 'no_principal' | 'not_a_role' | 'not_on_the_list' }

/** What an HTTP API with `AWS_IAM` authorization (payload 2.0) says of the caller whose signature it verified. */
const iamContext = z.object({ authorizer: z.object({ iam: z.object({ userArn: z.string() }) }) })

/** `arn:<partition>:iam::<account>:role/<path/><name>`, or undefined for anything else, wildcards included. */
export function parseRoleArn(text: string): RoleArn | undefined {
  const match = /^arn:(aws[\w-]*):iam::(\d{12}):role\/(?:[\x21-\x29\x2b-\x3e\x40-\x7e]+\/)?([\w+=,.@-]{1,64})$/.exec(
    text,
  )
  const [, partition, accountId, roleName] = match ?? []
  if (partition === undefined || accountId === undefined || roleName === undefined) return undefined
  return { arn: text, partition, accountId, roleName }
}

/**
 * Whether the caller of this request is an assumed role on the list. The `principal` is the *role's* ARN: session
 * names are chosen by the caller and change from one session to the next, and a repeat must be known as the same
 * caller's. IAM users and root are never let in.
 */
export function decideCaller(requestContext: unknown, allowedCallers: readonly RoleArn[]): CallerDecision {
  const parsed = z.safeParse(iamContext, requestContext)
  if (!parsed.success) return { allowed: false, reason: 'no_principal' }
  const assumed = parseAssumedRole(parsed.data.authorizer.iam.userArn)
  if (assumed === undefined) return { allowed: false, reason: 'not_a_role' }
  // An assumed role's ARN lacks the role's path, so the comparison is by partition, account and name.
  const role = allowedCallers.find(
    ({ partition, accountId, roleName }) =>
      partition === assumed.partition && accountId === assumed.accountId && roleName === assumed.roleName,
  )
  return role === undefined ? { allowed: false, reason: 'not_on_the_list' } : { allowed: true, principal: role.arn }
}

function parseAssumedRole(userArn: string): Omit<RoleArn, 'arn'> | undefined {
  const match = /^arn:(aws[\w-]*):sts::(\d{12}):assumed-role\/([\w+=,.@-]{1,64})\/[\w+=,.@-]{1,64}$/.exec(userArn)
  const [, partition, accountId, roleName] = match ?? []
  if (partition === undefined || accountId === undefined || roleName === undefined) return undefined
  return { partition, accountId, roleName }
}
