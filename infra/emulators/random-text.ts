// Random text from node:crypto, each character of the alphabet equally likely; it keeps none of it.
import { randomInt } from 'node:crypto'

const lower = 'abcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'

export const lowerAlphanumerics = lower + digits
export const alphanumerics = lower + lower.toUpperCase() + digits

/** `length` characters of `alphabet`, drawn independently. */
export function randomText({ length, alphabet }: { readonly length: number; readonly alphabet: string }): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
}
