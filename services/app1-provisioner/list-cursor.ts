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
  const [version, token = '', given = '', ...rest] = cursor.split('.')
  const paginationToken = Buffer.from(token, 'base64url').toString()
  const isOurs =
    version === 'v1' &&
    rest.length === 0 &&
    // Base64 has other ways to write the same bytes.
    Buffer.from(paginationToken).toString('base64url') === token &&
    equal(given, mac(key, paginationToken, listedFor))
  if (!isOurs) throw new ServiceError('invalid_request', { errors: refusedCursor })
  return paginationToken
}

export const refusedCursor = [{ parameter: 'cursor', detail: 'is not one of this list, or is too old' }] as const

/** A prefix has no comma in it, nor has base64url; the role's ARN comes last. */
function mac(key: SecretValue, paginationToken: string, { prefix = '', requestedBy }: ListedFor): string {
  const bound = ['cursor', Buffer.from(paginationToken).toString('base64url'), prefix, requestedBy].join(',')
  return createHmac('sha256', key.expose()).update(bound).digest().subarray(0, 16).toString('base64url')
}

function equal(given: string, wanted: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(wanted)]
  return left.length === right.length && timingSafeEqual(left, right)
}
