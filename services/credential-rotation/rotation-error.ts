// Why a rotation step failed, in names and fixed sentences; it never carries a foreign message, which may quote a secret.
import { errorName } from '#shared/aws/aws-errors.ts'

const sentences = {
  event_malformed: 'the event is not one that Secrets Manager sends to a rotation function',
  foreign_secret: 'the event names another secret than the configured one',
  rotation_not_enabled: 'rotation is not enabled for the secret',
  version_unknown: 'the secret has no version of that token, or that version is no longer pending',
  version_was_current: 'the pending version was current before: its rotation has ended, and AWSCURRENT was moved back',
  secret_without_current: 'the secret has no AWSCURRENT version that can be read',
  secret_malformed: 'a version of the secret does not hold what it should',
  pending_without_value: 'the pending version has no value: createSecret has not run, or the value cannot be read yet',
  client_without_secret: 'the machine app client has no client secret',
  client_secret_not_shown: 'Cognito added a client secret and did not show it',
  user_not_found: 'the pending machine user does not exist, or cannot be seen yet',
  sign_in_challenged: 'Cognito answered the sign-in with a challenge',
  sign_in_without_token: 'Cognito answered the sign-in without a token',
  pending_user_is_current: 'the pending version names the machine user that is in use',
  pending_outdated:
    'the pending version is not for the modes and app clients that a deployment has set since it was made',
  user_deleted: 'the machine user was deleted while the rotation ran',
  user_disabled: 'the machine user is disabled',
  user_not_confirmed: 'the machine user waits for a password to be changed or reset',
  user_not_in_group: 'the machine user was taken out of its group',
  password_rejected: 'Cognito rejected the new password: the machine user is locked out, or the client secret is wrong',
  client_secret_rejected: 'Cognito rejected the new secret of the scope client, and does not list it',
  client_secret_not_known_yet: 'Cognito lists the new secret of the scope client, and does not take it yet',
  current_outdated: 'the current version lacks credentials of an accepted mode: no rotation has made them yet',
  current_rejected: 'Cognito rejected the credentials of the current version',
  token_without_scope: 'the token of the scope client does not have the scope of App1, and that alone',
} as const

export type RotationFailure = keyof typeof sentences

export const rotationFailures: readonly string[] = Object.keys(sentences)

/** Lambda prints what a function throws, so message and fields are all that an operator, or anybody, gets to see. */
export class RotationError extends Error {
  override readonly name = 'RotationError'
  readonly reason: RotationFailure
  /** True when AWSPENDING was taken off the version: this rotation is over, and the next one starts afresh. */
  readonly withdrawn: boolean
  /** Of the machine user that it is about. */
  readonly sub: string | undefined

  constructor(
    reason: RotationFailure,
    { withdrawn = false, sub }: { readonly withdrawn?: boolean; readonly sub?: string | undefined } = {},
  ) {
    super(`${reason}: ${sentences[reason]}`)
    this.reason = reason
    this.withdrawn = withdrawn
    this.sub = sub
  }
}

/** A call of AWS that failed with nothing for this function to decide. The same rotation can be tried again. */
export class AwsCallError extends Error {
  override readonly name = 'AwsCallError'
  readonly call: string
  readonly errorName: string

  constructor(call: string, thrown: unknown) {
    const name = errorName(thrown)
    super(`${call} failed: ${name}`)
    this.call = call
    this.errorName = name
  }
}

/** What `run` gives, or an AwsCallError in place of what it throws: an SDK error holds the request that was sent. */
export async function awsCall<T>(call: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw new AwsCallError(call, error)
  }
}

/** The name of what went wrong, for a log's `error_name`. */
export function failureName(error: unknown): string {
  return error instanceof AwsCallError ? error.errorName : errorName(error)
}

/** Whether it is AWS's exception of one of these names. */
export function failedWith(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof AwsCallError && names.includes(error.errorName)
}
