// Reads the ARNs of IAM roles and of their sessions, and says which belong together. It believes no wildcard.

export type RoleArn = {
  readonly arn: string
  readonly partition: string
  readonly accountId: string
  /** The last part of the ARN, without the path. Unique within an account, whatever the path. */
  readonly roleName: string
}

/** What a session's ARN says of its role: a session does not show the path. */
export type AssumedRole = Omit<RoleArn, 'arn'>

/** `arn:<partition>:iam::<account>:role/<path/><name>`, or undefined for anything else, wildcards included. */
export function parseRoleArn(text: string): RoleArn | undefined {
  const match = /^arn:(aws[\w-]*):iam::(\d{12}):role\/(?:[\x21-\x29\x2b-\x3e\x40-\x7e]+\/)?([\w+=,.@-]{1,64})$/.exec(
    text,
  )
  const [, partition, accountId, roleName] = match ?? []
  if (partition === undefined || accountId === undefined || roleName === undefined) return undefined
  return { arn: text, partition, accountId, roleName }
}

/** `arn:<partition>:sts::<account>:assumed-role/<name>/<session>`, or undefined for anything else: users, root. */
export function parseAssumedRole(userArn: string): AssumedRole | undefined {
  const match = /^arn:(aws[\w-]*):sts::(\d{12}):assumed-role\/([\w+=,.@-]{1,64})\/[\w+=,.@-]{1,64}$/.exec(userArn)
  const [, partition, accountId, roleName] = match ?? []
  if (partition === undefined || accountId === undefined || roleName === undefined) return undefined
  return { partition, accountId, roleName }
}

/** Whether the session is one of `role`: by partition, account and name. */
export function isSessionOf(role: RoleArn, session: AssumedRole): boolean {
  return (
    role.partition === session.partition && role.accountId === session.accountId && role.roleName === session.roleName
  )
}
