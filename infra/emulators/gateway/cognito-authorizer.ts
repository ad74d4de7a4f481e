// API Gateway's own authorizer for a Cognito user pool, in front of methods that ask for OAuth scopes; it sees no groups.
import { JwtVerifier } from 'aws-jwt-verify'
import { JwtBaseError, JwtInvalidScopeError } from 'aws-jwt-verify/error'
import { SimpleJwksCache, type Jwks } from 'aws-jwt-verify/jwk'

export type CognitoDecision =
  | { readonly effect: 'allow'; readonly claims: Readonly<Record<string, string>> }
  | { readonly effect: 'refuse'; readonly responseType: 'UNAUTHORIZED'; readonly reason: string }

export type CognitoAuthorizer = (request: {
  /** The header's whole value, with `Bearer ` or without; undefined when it is missing. */
  readonly token: string | undefined
  /** Any one of them opens the method. */
  readonly scopes: readonly string[]
}) => Promise<CognitoDecision>

/**
 * Whatever is wrong, a missing scope included, is a 401. A method with scopes takes access tokens alone.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-enable-cognito-user-pool.html
 */
export function createCognitoAuthorizer(options: {
  readonly issuer: string
  readonly fetchJwks: () => Promise<Jwks>
}): CognitoAuthorizer {
  const fetcher = {
    fetch: async () => new TextEncoder().encode(JSON.stringify(await options.fetchJwks())).buffer,
  }
  const verifier = JwtVerifier.create(
    { issuer: options.issuer, audience: null },
    { jwksCache: new SimpleJwksCache({ fetcher }) },
  )
  return async ({ token, scopes }) => {
    if (token === undefined || token === '') return refuse('identity source missing')
    try {
      const claims = await verifier.verify(token.replace(/^Bearer /, ''), { scope: [...scopes] })
      if (claims['token_use'] !== 'access') return refuse('token is not an access token')
      // The library takes a token without one for a token that never ends.
      if (typeof claims.exp !== 'number') return refuse('token does not expire')
      return { effect: 'allow', claims: toStrings(claims) }
    } catch (error) {
      if (error instanceof JwtInvalidScopeError) return refuse('token has none of the scopes')
      return refuse(error instanceof JwtBaseError ? 'token is not valid' : 'keys cannot be fetched')
    }
  }
}

/** The instants come as Java prints them (`Thu May 04 03:50:06 UTC 2023`), lists joined by commas, the rest as it is. */
function toStrings(claims: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(claims).map(([name, value]) => [
      name,
      name === 'exp' || name === 'iat' ? toDate(value) : String(value),
    ]),
  )
}

function toDate(seconds: unknown): string {
  const date = new Date(Number(seconds) * 1000).toUTCString()
  return date.replace(/^(\w+), (\d+) (\w+) (\d+) ([\d:]+) GMT$/, '$1 $3 $2 $5 UTC $4')
}

function refuse(reason: string): CognitoDecision {
  return { effect: 'refuse', responseType: 'UNAUTHORIZED', reason }
}
