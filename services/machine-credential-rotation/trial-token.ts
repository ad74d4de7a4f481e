// Asks once for a token with the new client secret, to see that it works; it keeps no token and vouches for none.
import { GetClientTokenCommand, type CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import * as z from 'zod/mini'
import type { Scope } from '../../shared/access-rules.ts'
import { parseJson } from '../../shared/parse-json.ts'
import { readLimited } from '../../shared/read-limited.ts'
import { awsCall, failedWith, RotationError } from './rotation-error.ts'
import type { CallOptions } from './secret-store.ts'
import type { ClientCredentials } from './stored-secret.ts'

/** `rejected`: Cognito does not know the secret, or not yet. */
export type TrialToken = (credentials: ClientCredentials, options: CallOptions) => Promise<'issued' | 'rejected'>

const scope: Scope = 'app2/users.create'

type TrialTokenDeps = {
  readonly cognito: CognitoIdentityProviderClient
  readonly fetch: typeof fetch
  /** Absent: by GetClientToken. A client takes one of the two. */
  readonly tokenEndpoint?: URL | undefined
}

/**
 * The very request that App1 makes. Throws AwsCallError, and `token_without_scope` where the token does not have exactly
 * App1's scope.
 */
export function createTrialToken({ cognito, fetch, tokenEndpoint }: TrialTokenDeps): TrialToken {
  return async (credentials, { signal }) => {
    try {
      const token = await (tokenEndpoint === undefined
        ? awsCall('GetClientToken', () => getClientToken(cognito, credentials, signal))
        : awsCall('TokenEndpoint', () => requestToken(fetch, tokenEndpoint, credentials, signal)))
      if (readUnverifiedScope(token) !== scope) throw new RotationError('token_without_scope')
      return 'issued'
    } catch (error) {
      if (failedWith(error, 'NotAuthorizedException', 'invalid_client')) return 'rejected'
      throw error
    }
  }
}

async function getClientToken(
  cognito: CognitoIdentityProviderClient,
  { clientId: ClientId, clientSecret }: ClientCredentials,
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  const command = new GetClientTokenCommand({ ClientId, Secret: clientSecret.expose(), Scopes: [scope] })
  return (await cognito.send(command, { abortSignal })).ClientAuthenticationResult?.AccessToken
}

const longestAnswerBytes = 65_536
const requestTimeoutMs = 5_000

const issued = z.object({ access_token: z.string() })
const refused = z.object({
  // RFC 6749, section 5.2: a closed list, so that no word of the other side's gets into an error.
  error: z.enum([
    'invalid_request',
    'invalid_client',
    'invalid_grant',
    'unauthorized_client',
    'unsupported_grant_type',
    'invalid_scope',
  ]),
})

/** https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html */
async function requestToken(
  fetch: TrialTokenDeps['fetch'],
  endpoint: URL,
  { clientId, clientSecret }: ClientCredentials,
  signal: AbortSignal,
): Promise<string | undefined> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret.expose()}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ grant_type: 'client_credentials', scope }).toString(),
    // A redirect would carry the secret to an address that nobody configured.
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(requestTimeoutMs)]),
  })
  const answer = parseJson((await readLimited(response, longestAnswerBytes)).toString('utf8'))
  if (response.status === 200) return z.safeParse(issued, answer).data?.access_token
  throw new TokenEndpointError(z.safeParse(refused, answer).data?.error ?? `Http${response.status}`)
}

/** Named like an exception of AWS's, by what the endpoint answered. */
class TokenEndpointError extends Error {
  constructor(name: string) {
    super('the token endpoint refused')
    this.name = name
  }
}

/** What the token says of itself. Its signature is not looked at: it comes from whom it was asked for, over TLS. */
function readUnverifiedScope(token: string | undefined): unknown {
  const [, payload = ''] = token?.split('.') ?? []
  const claims = parseJson(Buffer.from(payload, 'base64url').toString('utf8'))
  return z.safeParse(z.object({ scope: z.string() }), claims).data?.scope
}
