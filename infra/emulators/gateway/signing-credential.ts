// Credentials that a local gateway knows, and the principal that each stands for; none of them is good at AWS.
import { lowerAlphanumerics, randomText } from '../random-text.ts'

export type SigningCredential = {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Absent for an IAM user's own key. A role's session has one. */
  readonly sessionToken?: string
  /** The ARN of the IAM user, or of the role's session. */
  readonly arn: string
  /** The principal's policy over `execute-api:Invoke`, in the form of IAM. What it does not allow is denied. */
  readonly policy: unknown
}

/** Random ones for one session of a role. They end with the process that knows them. */
export function newSigningCredential(
  principal: Pick<SigningCredential, 'arn' | 'policy'>,
): Required<SigningCredential> {
  return {
    ...principal,
    // The form of STS's, so that no client or secret scanner takes them for anything but short-lived credentials.
    accessKeyId: `ASIALOCAL${randomText({ length: 11, alphabet: lowerAlphanumerics }).toUpperCase()}`,
    secretAccessKey: randomText({ length: 40, alphabet: lowerAlphanumerics }),
    sessionToken: randomText({ length: 64, alphabet: lowerAlphanumerics }),
  }
}

/** A policy document that allows these methods, each written as in an ARN: `POST/sample`, or with wildcards. */
export function invokePolicy(...methods: readonly string[]): unknown {
  return {
    Version: '2012-10-17',
    Statement: methods.map((method) => ({
      Effect: 'Allow',
      Action: 'execute-api:Invoke',
      Resource: `arn:aws:execute-api:*:*:*/*/${method}`,
    })),
  }
}
