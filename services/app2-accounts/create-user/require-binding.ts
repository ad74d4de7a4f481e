// Holds a token that App1 had made for one creation to that creation; a token that is bound to nothing passes only where it may.
import { createHash } from 'node:crypto'
import { ServiceError } from '#shared/errors.ts'
import type { Caller } from '#shared/http/app-environment.ts'

type Creation = { readonly body: ArrayBuffer; readonly provisioningId: string }

/**
 * Throws `forbidden` for a principal whose token was made for another body or id, or for none where each creation has to have
 * its own. Users and machines of the pool have no such tokens.
 */
export function requireBinding(
  caller: Caller,
  { body, provisioningId }: Creation,
  { isDemanded }: { readonly isDemanded: boolean },
): void {
  if (caller.kind !== 'principal') return
  const { boundTo } = caller
  if (boundTo === undefined) {
    if (isDemanded) throw new ServiceError('forbidden', { reason: 'token_not_bound' })
    return
  }
  const digest = createHash('sha256').update(new Uint8Array(body)).digest('base64url')
  if (boundTo.bodySha256 !== digest || boundTo.provisioningId !== provisioningId)
    throw new ServiceError('forbidden', { reason: 'token_of_another_request' })
}
