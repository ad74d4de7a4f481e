// Random identifiers in the alphabets that AWS uses for its own; never a biased character.
import { randomInt } from 'node:crypto'

const lower = 'abcdefghijklmnopqrstuvwxyz'
const digits = '0123456789'

export const lowerAlphanumerics = lower + digits
export const alphanumerics = lower + lower.toUpperCase() + digits

export function randomText(options: { readonly length: number; readonly alphabet: string }): string {
  return Array.from({ length: options.length }, () => options.alphabet.charAt(randomInt(options.alphabet.length))).join(
    '',
  )
}
