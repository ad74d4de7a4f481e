// Random text and passwords from node:crypto; it keeps none of it.
import { randomBytes, randomInt } from 'node:crypto'
import { SecretValue } from './secret-value.ts'

const lower = 'abcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'

export const lowerAlphanumerics = lower + digits
export const alphanumerics = lower + lower.toUpperCase() + digits

/** `length` characters of `alphabet`, drawn independently, each equally likely. */
export function randomText({ length, alphabet }: { readonly length: number; readonly alphabet: string }): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
}

/**
 * A password for a program, by `randomInt`: 40 characters of 62 are 238 bits, and one of each class that the pool's policy asks
 * for. It needs no quoting anywhere.
 */
export function generatedPassword(): SecretValue {
  return new SecretValue(`${randomText({ length: 40, alphabet: alphanumerics })}-aA1`)
}

/**
 * A password that a machine makes: 256 random bits as base64url, and one character of each class that the pool's policy
 * asks for. It needs no quoting anywhere.
 */
export function randomPassword(): SecretValue {
  return new SecretValue(`${randomBytes(32).toString('base64url')}-aA1`)
}
