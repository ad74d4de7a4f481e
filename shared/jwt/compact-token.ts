// The one spelling in which a token is taken, so that no cache by the token has two entries for one. Imports nothing.

/**
 * All that API Gateway carries: 10,240 bytes of request line and headers. A token of Cognito's is about 1 kB, and longer
 * by each of its user's groups.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 */
const longestToken = 10_240

/**
 * Bytes in base64url as its one spelling has them: without padding, and with the unused bits of the last character zero
 * (RFC 4648, section 3.5). Decoders ignore both: one token would have many spellings, each an entry of its own in every
 * cache keyed by the token.
 */
const part = '(?!\\.|$)(?:[\\w-]{4})*(?:[\\w-][AQgw]|[\\w-]{2}[AEIMQUYcgkosw048])?'
const compactSerialization = new RegExp(`^${part}\\.${part}\\.${part}$`)

/** Whether the token is of RFC 7515's compact serialization: three parts, none empty, each in its one spelling. */
export function isWellFormed(token: string): boolean {
  return token.length <= longestToken && compactSerialization.test(token)
}
