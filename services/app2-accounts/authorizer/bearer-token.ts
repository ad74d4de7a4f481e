// The one form in which App2 takes a token: of the header's value, and of the token in it. Imports nothing.

/**
 * API Gateway's `identityValidationExpression`: what does not match it is answered with 401 before any Lambda runs. It
 * takes no more and no less than the form that the authorizer reads, but for what a regular expression of API Gateway's
 * need not say: the length, and the spelling of a part's last character.
 */
export const identityValidationExpression = '^Bearer [A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$'

const scheme = 'Bearer '

/**
 * What follows exactly `Bearer `, in this case and with one space: RFC 9110 reads the scheme in any case, but API
 * Gateway caches by the header's value, and one token should have one spelling. Undefined for anything else.
 */
export function readBearerToken(header: unknown): string | undefined {
  return typeof header === 'string' && header.startsWith(scheme) ? header.slice(scheme.length) : undefined
}

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
