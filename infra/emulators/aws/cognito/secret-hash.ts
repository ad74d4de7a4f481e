// SECRET_HASH: shows that the caller of an unsigned operation knows the app client's secret; it never prints either.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { notAuthorized } from './errors.ts'
import type { AppClient } from './state.ts'

/**
 * Throws NotAuthorizedException unless the client has no secret and no hash came, or the hash is the one over one of
 * `usernames` by one of the client's active secrets. "Computing secret hash values" in
 * https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
 */
export function checkSecretHash(client: AppClient, usernames: readonly string[], secretHash: string | undefined): void {
  const { id, secrets } = client
  if (secrets.length === 0) {
    if (secretHash === undefined) return
    throw notAuthorized(`Client ${id} is not configured with a secret but SECRET_HASH was received`)
  }
  if (secretHash === undefined) {
    throw notAuthorized(`Client ${id} is configured with secret but SECRET_HASH was not received`)
  }
  const given = Buffer.from(secretHash)
  const expected = secrets.flatMap(({ value }) => usernames.map((username) => hashOf(value, username + id)))
  const matches = expected.some((hash) => given.length === hash.length && timingSafeEqual(given, hash))
  if (!matches) throw notAuthorized(`Unable to verify secret hash for client ${id}`)
}

function hashOf(secret: string, text: string): Buffer {
  return Buffer.from(createHmac('sha256', secret).update(text).digest('base64'))
}
