// Seals the given passwords of a job by AES-256-GCM, each to its row; it never sees where a key comes from. See data-keys.ts.
import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto'
import { unreadable } from '#shared/password-cipher/cipher.ts'
import { ivBytes, tagBytes } from '#shared/password-cipher/envelope.ts'
import { lengthPrefixed } from '#shared/text/length-prefixed.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import type { RowId } from './job-store.ts'

/** The one row that a sealed password is good for. */
export type SealedForRow = RowId & { readonly username: string }

const algorithm = 'aes-256-gcm'

/** IV, ciphertext and tag, one behind the other. Sealing the same password again gives other bytes. */
export function sealRowPassword(key: KeyObject, password: SecretValue, boundTo: SealedForRow): Uint8Array {
  // Random for each seal: a job has at most 10,000 under one key, and NIST SP 800-38D (section 8.3) allows 2^32.
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes })
  cipher.setAAD(additionalData(boundTo))
  return Buffer.concat([iv, cipher.update(password.expose(), 'utf8'), cipher.final(), cipher.getAuthTag()])
}

/** The password that was sealed for `boundTo` under `key`. Throws `password_unreadable` for anything else. */
export function openRowPassword(key: KeyObject, sealed: Uint8Array, boundTo: SealedForRow): SecretValue {
  if (sealed.length <= ivBytes + tagBytes) throw unreadable('malformed_envelope')
  const iv = sealed.subarray(0, ivBytes)
  // Without `authTagLength` Node takes a tag of 4 bytes for a whole one.
  const decipher = createDecipheriv(algorithm, key, iv, { authTagLength: tagBytes })
  decipher.setAAD(additionalData(boundTo))
  decipher.setAuthTag(sealed.subarray(-tagBytes))
  const begun = decipher.update(sealed.subarray(ivBytes, -tagBytes))
  try {
    return new SecretValue(Buffer.concat([begun, decipher.final()]).toString('utf8'))
  } catch {
    throw unreadable('not_authentic')
  }
}

function additionalData({ job, row, username }: SealedForRow): Buffer {
  return lengthPrefixed(['latchkey:job', job, String(row), username])
}
