// The text form of a sealed password, one for each cipher; it never hands bytes of a wrong length to a cipher.
import { unreadable } from './cipher.ts'
import { longestContentsBytes } from './sealed-contents.ts'

/** GCM as NIST SP 800-38D recommends it: an IV of 96 bits, the whole tag of 128 bits. */
export const ivBytes = 12
export const tagBytes = 16

/** KMS's limit on `CiphertextBlob`. https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html */
export const longestKmsCiphertextBytes = 6144

export type AesGcmParts = { readonly iv: Uint8Array; readonly ciphertext: Uint8Array; readonly tag: Uint8Array }

/** `latchkey.v1.kms.<ciphertext>`, base64url without padding (RFC 4648 section 5). */
export function writeKmsEnvelope(ciphertext: Uint8Array): string {
  return [...prefix.kms, encode(ciphertext)].join('.')
}

/** `latchkey.v1.a256gcm.<iv>.<ciphertext>.<tag>`, each base64url without padding. */
export function writeAesGcmEnvelope(parts: AesGcmParts): string {
  return [...prefix.a256gcm, encode(parts.iv), encode(parts.ciphertext), encode(parts.tag)].join('.')
}

/** The ciphertext, 1 to 6144 bytes. Throws `password_unreadable`. */
export function readKmsEnvelope(text: string): Uint8Array {
  const [ciphertext] = fieldsOf(text, { cipher: 'kms', count: 1 })
  return decode(ciphertext, { least: 1, most: longestKmsCiphertextBytes })
}

/** IV and tag of exactly their length, and 1 to 4096 bytes of ciphertext. Throws `password_unreadable`. */
export function readAesGcmEnvelope(text: string): AesGcmParts {
  const [iv, ciphertext, tag] = fieldsOf(text, { cipher: 'a256gcm', count: 3 })
  return {
    iv: decode(iv, { least: ivBytes, most: ivBytes }),
    ciphertext: decode(ciphertext, { least: 1, most: longestContentsBytes }),
    tag: decode(tag, { least: tagBytes, most: tagBytes }),
  }
}

const prefix = {
  kms: ['latchkey', 'v1', 'kms'],
  a256gcm: ['latchkey', 'v1', 'a256gcm'],
} as const

const mostFields = 3

function fieldsOf(text: string, expected: { cipher: keyof typeof prefix; count: number }): string[] {
  // One part more than any form has shows a surplus; the limit keeps a text of nothing but dots from growing a list.
  const [scheme, version, cipher = '', ...fields] = text.split('.', 3 + mostFields + 1)
  if (scheme !== 'latchkey' || version !== 'v1' || !Object.hasOwn(prefix, cipher)) {
    throw unreadable('malformed_envelope')
  }
  if (cipher !== expected.cipher) throw unreadable('wrong_cipher')
  if (fields.length !== expected.count) throw unreadable('malformed_envelope')
  return fields
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url')
}

/** Node decodes leniently, and the last character has unused bits: only the one canonical spelling passes. */
function decode(field = '', bounds: { least: number; most: number }): Uint8Array {
  // `most` bytes take exactly this many characters, so no longer text is ever decoded.
  if (field.length > Math.ceil((bounds.most * 4) / 3)) throw unreadable('malformed_envelope')
  const bytes = Buffer.from(field, 'base64url')
  if (bytes.length < bounds.least || encode(bytes) !== field) throw unreadable('malformed_envelope')
  return bytes
}
