// Asks once for a token with the new client secret, to see that it works; it keeps no token and vouches for none.
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import * as z from 'zod/mini'
import { machineScope, readUnverifiedScope } from '#shared/machine/machine-scope.ts'
import { clientTokenCommand, requestEndpointToken } from '#shared/machine/machine-token-requests.ts'
import { parseJson } from '#shared/text/parse-json.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { awsCall, failedWith, RotationError } from './rotation-error.ts'
import type { CallOptions } from './secret-store.ts'
import type { ClientCredentials } from './stored-secret.ts'

/** `rejected`: Cognito does not know the secret, or not yet. */
export type TrialToken = (credentials: ClientCredentials, options: CallOptions) => Promise<'issued' | 'rejected'>

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
        : awsCall('TokenEndpoint', () => getEndpointToken({ fetch, tokenEndpoint }, credentials, signal)))
      const scope = token === undefined ? undefined : readUnverifiedScope(new SecretValue(token))
      if (scope !== machineScope) throw new RotationError('token_without_scope')
      return 'issued'
    } catch (error) {
      if (failedWith(error, 'NotAuthorizedException', 'invalid_client')) return 'rejected'
      throw error
    }
  }
}

async function getClientToken(
  cognito: CognitoIdentityProviderClient,
  credentials: ClientCredentials,
  abortSignal: AbortSignal,
): Promise<string | undefined> {
  const answer = await cognito.send(clientTokenCommand(credentials), { abortSignal })
  return answer.ClientAuthenticationResult?.AccessToken
}

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

async function getEndpointToken(
  deps: Parameters<typeof requestEndpointToken>[0],
  credentials: ClientCredentials,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { status, text } = await requestEndpointToken(deps, credentials, signal)
  const answer = parseJson(text)
  if (status === 200) return z.safeParse(issued, answer).data?.access_token
  // Of another status, the body is no word of a token endpoint about the secret.
  const error = status === 400 || status === 401 ? z.safeParse(refused, answer).data?.error : undefined
  throw new TokenEndpointError(error ?? `Http${status}`)
}

/** Named like an exception of AWS's, by what the endpoint answered. */
class TokenEndpointError extends Error {
  constructor(name: string) {
    super('the token endpoint refused')
    this.name = name
  }
}
