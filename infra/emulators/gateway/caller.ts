// Who an IAM signature stands for, as API Gateway names it to a function; it checks no signature.

/** The principal that signed a request: an IAM user, a role, or a role's session as STS names it. */
export type Caller = {
  readonly arn: string
  readonly accountId: string
  readonly callerId: string
  readonly accessKey: string
}

/**
 * The caller that `arn` names, or undefined when it is not the ARN of an IAM user, a role or a role's session.
 * `accessKey` is what the functions behind see of the credentials: their id, and never the secret.
 */
export function parseCaller(arn: string, accessKey = 'local'): Caller | undefined {
  const [match, accountId, kind, name] =
    /^arn:aws[a-z-]*:(?:iam|sts)::(\d{12}):(user|role|assumed-role)\/(?:[\w+=,.@/-]*\/)?([\w+=,.@-]+)$/.exec(arn) ?? []
  if (match === undefined || accountId === undefined || name === undefined) return undefined
  return { arn, accountId, callerId: kind === 'assumed-role' ? `AROALOCAL:${name}` : 'AIDALOCAL', accessKey }
}
