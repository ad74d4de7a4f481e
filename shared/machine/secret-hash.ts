// SECRET_HASH: by which an app client that has a secret shows Cognito that it knows it; it never reveals what it is made of.
import { createHmac } from 'node:crypto'
import type { SecretValue } from '../text/secret-value.ts'

type HashedParts = { readonly username: SecretValue; readonly clientId: string; readonly clientSecret: SecretValue }

/**
 * Base64 of HMAC-SHA256, keyed by the client secret, over username and client id. "Computing secret hash values" in
 * https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
 */
export function secretHash({ username, clientId, clientSecret }: HashedParts): string {
  return createHmac('sha256', clientSecret.expose())
    .update(username.expose() + clientId)
    .digest('base64')
}
