// Who makes a call, told by the access key id alone: a role's session, the root of another account or, for every other key, the
// root of the account.
import { createHash } from 'node:crypto'
import { evaluatePolicy, parsePolicy, type Policy, type PolicyDecision } from '../iam-policy.ts'

export type Principal = {
  readonly kind: 'root' | 'role'
  readonly accountId: string
  /** What GetCallerIdentity says; of a role, the ARN of its session. */
  readonly arn: string
  readonly userId: string
  /** `aws:PrincipalArn`; of a role's session, the ARN of the role. */
  readonly principalArn: string
  /** Of a role. */
  readonly session?: Session
}

/** What a role's session has beside its role. */
type Session = {
  /** Epoch milliseconds. */
  readonly expiresAt?: number
  /** The ARN of the Lambda function that the session was made for. */
  readonly sourceFunctionArn?: string
  /** On whose behalf the session acts: `aws:OriginIdentity/Subject` of its identity context. */
  readonly originSubject?: string
  /** What the identity policies of the role allow; without it they are not asked. */
  readonly policy?: Policy
}

/** A role, or the root of an account, by its ARN; or a role with what is to be known of its session. */
export type PrincipalOption =
  string | (Omit<Session, 'policy'> & { readonly roleArn: string; readonly identityPolicy?: object })

const sessionName = 'local'

/**
 * A function that finds the principal of an access key id. `roles` has a principal, of this account or of another one, for each
 * key that is not the account's own. Throws RangeError for what is no ARN of a role or a root, and MalformedPolicyError.
 */
export function createPrincipals({
  accountId,
  roles,
}: {
  readonly accountId: string
  readonly roles: ReadonlyMap<string, PrincipalOption>
}): (accessKeyId: string | undefined) => Principal {
  const root = rootOf(accountId)
  const principals = new Map([...roles].map(([accessKeyId, option]) => [accessKeyId, principalOf(option)]))
  return (accessKeyId) => principals.get(accessKeyId ?? '') ?? root
}

function rootOf(accountId: string): Principal {
  const arn = `arn:aws:iam::${accountId}:root`
  return { kind: 'root', accountId, arn, userId: accountId, principalArn: arn }
}

/** What its identity policies say; `unknown` where local AWS has none of it, and cannot ask them. */
export function identityDecision(
  { session }: Principal,
  request: { readonly action: string; readonly resource: string },
): PolicyDecision | 'unknown' {
  return session?.policy === undefined ? 'unknown' : evaluatePolicy(session.policy, request)
}

function principalOf(option: PrincipalOption): Principal {
  const { roleArn, identityPolicy, ...rest } = typeof option === 'string' ? { roleArn: option } : option
  const [, rootAccountId] = /^arn:aws:iam::(\d{12}):root$/.exec(roleArn) ?? []
  if (rootAccountId !== undefined) return rootOf(rootAccountId)
  const [match, accountId, name] =
    /^arn:aws:iam::(\d{12}):role\/(?:[\x21-\x7e]+\/)?([\w+=,.@-]{1,64})$/.exec(roleArn) ?? []
  if (match === undefined || accountId === undefined) throw new RangeError('a principal is neither a role nor a root')
  const roleId = `AROA${createHash('sha256').update(roleArn).digest('hex').slice(0, 17).toUpperCase()}`
  return {
    kind: 'role',
    accountId,
    // A session's ARN leaves the path of its role out.
    arn: `arn:aws:sts::${accountId}:assumed-role/${name}/${sessionName}`,
    userId: `${roleId}:${sessionName}`,
    principalArn: roleArn,
    session: { ...rest, ...(identityPolicy !== undefined && { policy: parsePolicy(identityPolicy) }) },
  }
}
