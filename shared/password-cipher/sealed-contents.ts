// What lies inside an envelope: the password, whom it is for and until when; it never lets an unchecked field out.
import { ServiceError } from '../errors.ts'
import { SecretValue } from '../text/secret-value.ts'
import { unreadable, type SealedFor } from './cipher.ts'

/** What KMS encrypts at most in one call, in bytes. https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html */
export const longestContentsBytes = 4096

/** How long an envelope can be opened. App1 seals afresh for each attempt, so this covers a call and a queue, no more. */
export const lifetimeSeconds = 600

/**
 * How far the sealer's clock may run ahead of the opener's. Beyond it, `not_after` is refused: nobody who can seal
 * gets to make an envelope that opens for years.
 */
export const clockAllowanceSeconds = 30

type Contents = {
  readonly v: 1
  readonly username: string
  readonly provisioning_id: string
  /** Epoch seconds; from then on the envelope does not open. */
  readonly not_after: number
  readonly password: string
}

/** The bytes to encrypt: UTF-8 JSON, at most 4096 bytes, closed ten minutes after `nowMs`. */
export function writeContents(password: SecretValue, boundTo: SealedFor, nowMs: number): Buffer {
  const contents: Contents = {
    v: 1,
    username: boundTo.username,
    provisioning_id: boundTo.provisioningId,
    not_after: Math.floor(nowMs / 1000) + lifetimeSeconds,
    password: password.expose(),
  }
  const bytes = Buffer.from(JSON.stringify(contents), 'utf8')
  // Not a refusal of the caller: the request's own limits end below half of this, so a service forgot to check them.
  if (bytes.length > longestContentsBytes) throw new ServiceError('internal_error', { reason: 'contents_too_long' })
  return bytes
}

/**
 * The password in `plaintext`, which must be authentic already. Throws `password_unreadable` unless the contents have
 * exactly the form above, name `boundTo`, and are neither past their time nor further from it than ten minutes.
 */
export function readContents(plaintext: Uint8Array, boundTo: SealedFor, nowMs: number): SecretValue {
  const contents = parseJson(plaintext)
  if (!isContents(contents)) throw unreadable('malformed_contents')
  if (contents.username !== boundTo.username || contents.provisioning_id !== boundTo.provisioningId) {
    throw unreadable('bound_to_another_request')
  }
  const remainingMs = contents.not_after * 1000 - nowMs
  if (remainingMs <= 0) throw unreadable('expired')
  if (remainingMs > (lifetimeSeconds + clockAllowanceSeconds) * 1000) throw unreadable('expires_too_late')
  return new SecretValue(contents.password)
}

// `fatal` refuses bytes that are not UTF-8 instead of replacing them: a replaced byte is another password.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function parseJson(plaintext: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(plaintext))
  } catch {
    throw unreadable('malformed_contents')
  }
}

function isContents(value: unknown): value is Contents {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 5) return false
  return (
    'v' in value &&
    value.v === 1 &&
    'username' in value &&
    typeof value.username === 'string' &&
    'provisioning_id' in value &&
    typeof value.provisioning_id === 'string' &&
    'not_after' in value &&
    Number.isSafeInteger(value.not_after) &&
    'password' in value &&
    typeof value.password === 'string'
  )
}
