// By what a repeated job is recognised: its id, and the fingerprint of what was asked for. Neither tells anything of the request.
import type { SecretValue } from '#shared/text/secret-value.ts'
import { keyedHash } from '../provisioning-id.ts'
import type { CheckedRow } from './check-rows.ts'

/** Of one caller's key: another caller's same key is another job. 22 characters of base64url. */
export function makeJobId(
  idempotencySecret: SecretValue,
  { requestedBy, idempotencyKey }: { readonly requestedBy: string; readonly idempotencyKey: string },
): string {
  return keyedHash(idempotencySecret, 'job', [requestedBy, idempotencyKey])
}

/** Keyed, since it stands in the table and is of passwords too: without the key nobody can try guesses at them. */
export function fingerprintOf(idempotencySecret: SecretValue, rows: readonly CheckedRow[]): string {
  const fields = rows.flatMap(({ username, humanUserId, password }) => [
    username,
    humanUserId,
    ...('deliverTo' in password ? ['deliver_to', password.deliverTo] : ['password', password.expose()]),
  ])
  return keyedHash(idempotencySecret, 'job-fp', fields)
}
