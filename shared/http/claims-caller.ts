// Reads the caller from the claims that API Gateway's own Cognito authorizer hands over; it takes tokens of machines alone.
import * as z from 'zod/mini'
import type { ClientKind } from '../access-rules.ts'
import { parseScopes } from '../machine/scopes.ts'
import type { CallerReader } from './app-environment.ts'

/** All are strings there, whatever they are in the token. What stands beside them may be anything: Cognito adds some. */
const claimsContext = z.object({
  authorizer: z.object({
    claims: z.object({
      token_use: z.literal('access'),
      iss: z.string(),
      client_id: z.string(),
      exp: z.string(),
      scope: z.string(),
      sub: z.optional(z.string().check(z.minLength(1))),
      // A token with one of these is a user's. That authorizer opens no route by a group, so neither does this reader.
      username: z.optional(z.undefined()),
      'cognito:groups': z.optional(z.undefined()),
    }),
  }),
})

export type ClaimsSource = {
  readonly issuer: string
  /** By client id: those whose own tokens are taken. */
  readonly clients: ReadonlyMap<string, ClientKind>
}

/**
 * A reader that checks once more what that authorizer has checked, by the pool and clients that this function knows: an
 * authorizer of another pool, or one without scopes, which takes ID tokens, lets nobody in here.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-integrate-with-cognito.html
 */
export function createClaimsReader(source: ClaimsSource, deps: { readonly now: () => number }): CallerReader {
  return (requestContext) => {
    const parsed = z.safeParse(claimsContext, requestContext)
    if (!parsed.success) return undefined
    const { iss, client_id: clientId, exp, scope, sub = clientId } = parsed.data.authorizer.claims
    const client = source.clients.get(clientId)
    const expiresAt = parseExpiry(exp)
    const scopes = parseScopes(scope)
    if (iss !== source.issuer || client === undefined || scopes === undefined) return undefined
    if (expiresAt === undefined || expiresAt <= deps.now()) return undefined
    return { kind: 'machine', sub, client, scopes }
  }
}

/**
 * `exp` as epoch milliseconds. A REST API writes it as a date, `Thu Jan 01 00:00:00 UTC 2026`, and not in seconds as in
 * the token; no page of AWS says so, so both are taken.
 */
function parseExpiry(text: string): number | undefined {
  if (/^\d{1,12}$/.test(text)) return Number(text) * 1_000
  const date = text.replace(/^(\w{3}) (\w{3}) (\d\d) ([\d:]{8}) UTC (\d{4})$/, '$1, $3 $2 $5 $4 GMT')
  const time = new Date(date)
  // To the letter: `Date` would take many other forms, and a 31st of February for a day in March.
  return time.toUTCString() === date && date !== text ? time.getTime() : undefined
}
