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
  const role = readRole(
    text,
    /^arn:(?<partition>aws[\w-]*):iam::(?<accountId>\d{12}):role\/(?:[\x21-\x29\x2b-\x3e\x40-\x7e]+\/)?(?<roleName>[\w+=,.@-]{1,64})$/,
  )
  return role && { arn: text, ...role }
}

/** `arn:<partition>:sts::<account>:assumed-role/<name>/<session>`, or undefined for anything else: users, root. */
export function parseAssumedRole(userArn: string): AssumedRole | undefined {
  return readRole(
    userArn,
    /^arn:(?<partition>aws[\w-]*):sts::(?<accountId>\d{12}):assumed-role\/(?<roleName>[\w+=,.@-]{1,64})\/[\w+=,.@-]{1,64}$/,
  )
}

/** Whether the session is one of `role`: by partition, account and name. */
export function isSessionOf(role: RoleArn, session: AssumedRole): boolean {
  return (
    role.partition === session.partition && role.accountId === session.accountId && role.roleName === session.roleName
  )
}

/** `form` must have a group for each part of a role; none of them may be optional. */
function readRole(arn: string, form: RegExp): AssumedRole | undefined {
  const match = form.exec(arn)
  return match === null ? undefined : ({ ...match.groups } as AssumedRole)
}
