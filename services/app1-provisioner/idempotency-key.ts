// Reads the key by which a caller repeats a creation, or a job; it takes none that two keys could be read from.
import { randomUUID } from 'node:crypto'
import { ServiceError } from '#shared/errors.ts'

/**
 * The key of an Idempotency-Key header (draft-ietf-httpapi-idempotency-key-header), or a new one when there is none. `"k"`, as the draft writes it, is the same key as `k`. Throws
 * `invalid_request` unless it is 1–255 visible ASCII characters, none of them a comma, which may stand between two keys,
 * a quotation mark, or a backslash, which a quoted form would have to escape.
 */
export function readIdempotencyKey(header: string | undefined): string {
  if (header === undefined) return randomUUID()
  const key = /^"(.*)"$/.exec(header)?.[1] ?? header
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) throw refuse('must be 1 to 255 visible ASCII characters')
  if (/[",\\]/.test(key)) throw refuse('must hold no comma, quotation mark or backslash')
  return key
}

function refuse(detail: string): ServiceError {
  return new ServiceError('invalid_request', { errors: [{ header: 'idempotency-key', detail }] })
}
