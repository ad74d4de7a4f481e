// What a token says before anybody has verified it; it is for choosing who verifies, and for a token that came over TLS from its issuer.
import { parseJsonObject, type JsonObject } from '../text/parse-json.ts'

/** Undefined for what is no token with claims. */
export function readUnverifiedPayload(unverifiedToken: string): JsonObject | undefined {
  const [, payload = ''] = unverifiedToken.split('.', 2)
  return parseJsonObject(Buffer.from(payload, 'base64url').toString('utf8'))
}
