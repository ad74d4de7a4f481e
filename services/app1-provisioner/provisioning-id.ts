// Makes the id by which App2 recognises a repeated creation; it never stores the caller's idempotency key.
import { createHmac } from 'node:crypto'
import { lengthPrefixed } from '#shared/text/length-prefixed.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

export type CreationRequest = {
  readonly requestedBy: string
  readonly idempotencyKey: string
  readonly username: string
  readonly humanUserId: string
  readonly password: WantedPassword
}

/** Of a job's row: a caller's own key holds no comma, so that none is a row's. */
export function idempotencyKeyOfRow(jobId: string, row: number): string {
  return `job,${jobId},${row}`
}

/** As the caller chose it, or one that App2 makes, for that role alone. */
export type WantedPassword = SecretValue | { readonly deliverTo: string }

/** 128 bits: a collision among 2^40 creations has a chance below 2^-48. */
const idBytes = 16

/**
 * `v1.<id>.<fp>`, both parts unpadded base64url. The id says *which* creation this is (caller, key and username: a key
 * means nothing from another caller or for another user); the fingerprint says *what* was asked for, so that a key used
 * again for something else is noticed. Keyed, since App2's user attributes would otherwise allow guessing at passwords.
 */
export function makeProvisioningId(idempotencySecret: SecretValue, request: CreationRequest): string {
  const { requestedBy, idempotencyKey, username, humanUserId, password } = request
  const id = keyedHash(idempotencySecret, 'id', [requestedBy, idempotencyKey, username])
  const fingerprint =
    password instanceof SecretValue
      ? keyedHash(idempotencySecret, 'fp', [username, humanUserId, password.expose()])
      : keyedHash(idempotencySecret, 'fp-generate', [username, humanUserId, password.deliverTo])
  return `v1.${id}.${fingerprint}`
}

type Purpose = 'id' | 'fp' | 'fp-generate' | 'job' | 'job-fp'

/** 128 bits as unpadded base64url (22 characters). */
export function keyedHash(key: SecretValue, purpose: Purpose, fields: readonly string[]): string {
  const hmac = createHmac('sha256', key.expose()).update(lengthPrefixed([purpose, ...fields]))
  return hmac.digest().subarray(0, idBytes).toString('base64url')
}
