// Holds passwords to a pool's policy and keeps them as salted digests; a password itself is never kept or printed.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { AwsError } from '../aws-error.ts'
import { alphanumerics, randomText } from '../../random-text.ts'

export type PasswordPolicy = {
  readonly MinimumLength: number
  readonly RequireUppercase: boolean
  readonly RequireLowercase: boolean
  readonly RequireNumbers: boolean
  readonly RequireSymbols: boolean
  readonly TemporaryPasswordValidityDays: number
}

/** One HMAC, not a slow hash: it has to be cheap, and it lives in this process alone. */
export type PasswordDigest = { readonly salt: Buffer; readonly digest: Buffer }

/** What CreateUserPool puts in place when it is given no policy. */
export const defaultPasswordPolicy: PasswordPolicy = {
  MinimumLength: 8,
  RequireUppercase: true,
  RequireLowercase: true,
  RequireNumbers: true,
  RequireSymbols: true,
  TemporaryPasswordValidityDays: 7,
}

/**
 * Throws InvalidPasswordException with the rule that `password` breaks. The classes are basic Latin, and the symbols
 * a closed list, in which a space counts (the service model keeps one from leading or trailing):
 * https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html
 */
export function checkPassword(policy: PasswordPolicy, password: string): void {
  if (Array.from(password).length < policy.MinimumLength) throw refused('Password not long enough')
  if (policy.RequireUppercase && !/[A-Z]/.test(password)) throw refused('Password must have uppercase characters')
  if (policy.RequireLowercase && !/[a-z]/.test(password)) throw refused('Password must have lowercase characters')
  if (policy.RequireNumbers && !/[0-9]/.test(password)) throw refused('Password must have numeric characters')
  if (policy.RequireSymbols && !/[\^$*.[\]{}()?"!@#%&/\\,><':;|_~`=+ -]/.test(password)) {
    throw refused('Password must have symbol characters')
  }
}

/** A password that satisfies every policy that a pool can have, as Cognito makes one when it is given none. */
export function generatePassword(policy: PasswordPolicy): string {
  return `aA1!${randomText({ length: Math.max(policy.MinimumLength, 20), alphabet: alphanumerics })}`
}

export function digestPassword(password: string): PasswordDigest {
  const salt = randomBytes(16)
  return { salt, digest: hash(password, salt) }
}

export function matchesPassword({ salt, digest }: PasswordDigest, password: string): boolean {
  return timingSafeEqual(hash(password, salt), digest)
}

function hash(password: string, salt: Buffer): Buffer {
  return createHmac('sha256', salt).update(password).digest()
}

function refused(rule: string): AwsError {
  return new AwsError('InvalidPasswordException', `Password did not conform with policy: ${rule}`)
}
