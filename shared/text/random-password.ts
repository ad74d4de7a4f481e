// Passwords that machines make: random, within the pool's policy, and in need of no quoting anywhere.
import { randomBytes } from 'node:crypto'
import { SecretValue } from './secret-value.ts'

/** 256 random bits as base64url, and one character of each class that the policy asks for. */
export function randomPassword(): SecretValue {
  return new SecretValue(`${randomBytes(32).toString('base64url')}-aA1`)
}
