// Makes random text from node:crypto, each character equally likely; it keeps none of it.
import { randomInt } from 'node:crypto'

export const lowerCase = 'abcdefghijklmnopqrstuvwxyz'
export const digits = '0123456789'
export const letters = lowerCase + lowerCase.toUpperCase()

/** `length` characters of `alphabet`, drawn independently. */
export function randomText(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join('')
}
