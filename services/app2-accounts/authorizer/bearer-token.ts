// The one form in which App2 takes the header with a token; of the token in it, see #shared/jwt/compact-token.ts. Imports nothing.

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
