// Who makes a call, told by the access key id alone: a role's session or, for every other key, the root of the account.
import { createHash } from 'node:crypto'

export type Principal = {
  readonly kind: 'root' | 'role'
  readonly accountId: string
  /** What GetCallerIdentity says; of a role, the ARN of its session. */
  readonly arn: string
  readonly userId: string
  /** `aws:PrincipalArn`; of a role's session, the ARN of the role. */
  readonly principalArn: string
}

const sessionName = 'local'

/**
 * A function that finds the principal of an access key id. `roles` has the ARN of a role for each key that is not the
 * account's own. Throws RangeError for what is no ARN of a role of this account: a role of another account would need
 * an identity policy as well.
 */
export function createPrincipals({
  accountId,
  roles,
}: {
  readonly accountId: string
  readonly roles: ReadonlyMap<string, string>
}): (accessKeyId: string | undefined) => Principal {
  const rootArn = `arn:aws:iam::${accountId}:root`
  const root: Principal = { kind: 'root', accountId, arn: rootArn, userId: accountId, principalArn: rootArn }
  const sessions = new Map([...roles].map(([accessKeyId, arn]) => [accessKeyId, sessionOf(arn, accountId)]))
  return (accessKeyId) => sessions.get(accessKeyId ?? '') ?? root
}

function sessionOf(roleArn: string, accountId: string): Principal {
  const [match, owner, name] = /^arn:aws:iam::(\d{12}):role\/(?:[\x21-\x7e]+\/)?([\w+=,.@-]{1,64})$/.exec(roleArn) ?? []
  if (match === undefined || owner !== accountId) throw new RangeError('a principal is no role of this account')
  const roleId = `AROA${createHash('sha256').update(roleArn).digest('hex').slice(0, 17).toUpperCase()}`
  return {
    kind: 'role',
    accountId,
    // A session's ARN leaves the path of its role out.
    arn: `arn:aws:sts::${accountId}:assumed-role/${name}/${sessionName}`,
    userId: `${roleId}:${sessionName}`,
    principalArn: roleArn,
  }
}
