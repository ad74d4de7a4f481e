// The cursor of a list: Cognito's own token for the next page, bound to the query and the caller it was given to. It opens no
// other query's page, and nobody but us makes one.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { ServiceError } from '#shared/errors.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'

export type ListedFor = { readonly requestedBy: string; readonly prefix: string | undefined }

/** `v1.<token>.<MAC>`, both parts unpadded base64url; the MAC is the first 128 bits of HMAC-SHA256. */
export function writeCursor(key: SecretValue, paginationToken: string, listedFor: ListedFor): string {
  return `v1.${Buffer.from(paginationToken).toString('base64url')}.${mac(key, paginationToken, listedFor)}`
}

/** Cognito's token. Throws `invalid_request` for a cursor that was not given for this query, or was changed. */
export function readCursor(key: SecretValue, cursor: string, listedFor: ListedFor): string {
  const token = cursor.slice(cursor.indexOf('.') + 1, cursor.lastIndexOf('.'))
  const paginationToken = Buffer.from(token, 'base64url').toString()
  // To the letter: base64 has other ways to write the same bytes.
  const [given, wanted] = [Buffer.from(cursor), Buffer.from(writeCursor(key, paginationToken, listedFor))]
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return paginationToken
  throw new ServiceError('invalid_request', { errors: refusedCursor })
}

export const refusedCursor = [{ parameter: 'cursor', detail: 'is not one of this list, or is too old' }] as const

/** JSON keeps the parts apart. */
function mac(key: SecretValue, paginationToken: string, { prefix, requestedBy }: ListedFor): string {
  const bound = JSON.stringify(['cursor', paginationToken, prefix, requestedBy])
  return createHmac('sha256', key.expose()).update(bound).digest().subarray(0, 16).toString('base64url')
}
