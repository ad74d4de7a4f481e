// The Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header), whose value is used as it is sent.
import { randomUUID } from 'node:crypto'
import { ServiceError } from '../../shared/errors.ts'

/** The caller's key, or a new one when there is none. Throws `invalid_request` unless it is 1–255 visible ASCII characters. */
export function readIdempotencyKey(header: string | undefined): string {
  if (header === undefined) return randomUUID()
  if (/^[\x21-\x7e]{1,255}$/.test(header)) return header
  throw new ServiceError('invalid_request', {
    errors: [{ header: 'idempotency-key', detail: 'must be 1 to 255 visible ASCII characters' }],
  })
}
