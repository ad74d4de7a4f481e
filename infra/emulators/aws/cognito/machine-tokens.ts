// Tokens of an app client itself, for its secret: GetClientToken and the client_credentials grant; no user is in them.
import * as z from 'zod/mini'
import { stringMap } from '../input.ts'
import type { OperationTable } from '../operation.ts'
import { provesClient } from './client-secrets.ts'
import { customScopes } from './resource-servers.ts'
import { invalid, notAuthorized } from './errors.ts'
import * as shapes from './shapes.ts'
import { findAppClient, findUserPool, type AppClient, type CognitoState, type UserPool } from './state.ts'
import { makeMachineToken } from './tokens.ts'

const getClientToken = z.object({
  ClientId: shapes.clientId,
  Secret: shapes.clientSecret,
  Scopes: z.optional(z.array(shapes.scope).check(z.maxLength(50))),
  ClientMetadata: z.optional(stringMap),
})

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetClientToken.html */
export function machineTokenOperations(state: CognitoState): OperationTable {
  return {
    GetClientToken: shapes.cognitoOperation(
      getClientToken,
      async ({ ClientId, Secret, Scopes }) => {
        const { client, pool } = findAppClient(state, ClientId)
        if (!provesClient(client, Secret)) throw notAuthorized('Invalid client or secret')
        if (!client.explicitAuthFlows.includes('ALLOW_CLIENT_TOKEN_AUTH')) {
          throw invalid('CLIENT_TOKEN_AUTH flow not enabled for this client')
        }
        const scopes = grantedScopes(pool, client, Scopes)
        if (scopes === undefined) throw invalid('Invalid scope requested')
        return {
          ClientAuthenticationResult: {
            AccessToken: await makeMachineToken({ state, pool, client, scopes }),
            ExpiresIn: client.accessTokenSeconds,
            TokenType: 'Bearer',
          },
        }
      },
      { access: 'unsigned' },
    ),
  }
}

/** RFC 6749, section 5.2. */
export type TokenRequestError = 'invalid_client' | 'unauthorized_client' | 'invalid_grant' | 'invalid_scope'

export type ClientGrant =
  | { readonly kind: 'granted'; readonly accessToken: string; readonly expiresInSeconds: number }
  | { readonly kind: 'refused'; readonly error: TokenRequestError }

/**
 * The client_credentials grant at the domain of a pool. A client whose flow is listed but not switched on gets
 * `invalid_grant`, as at AWS (hashicorp/terraform-provider-aws#34945).
 */
export async function grantClientCredentials(
  state: CognitoState,
  request: {
    readonly poolId: string
    readonly clientId: string
    readonly clientSecret: string
    readonly scopes: readonly string[] | undefined
  },
): Promise<ClientGrant> {
  const client = state.clients.get(request.clientId)
  if (client?.poolId !== request.poolId || !provesClient(client, request.clientSecret)) return refused('invalid_client')
  if (!client.oauth.flows.includes('client_credentials')) return refused('unauthorized_client')
  if (!client.oauth.enabled) return refused('invalid_grant')
  const pool = findUserPool(state, client.poolId)
  const scopes = grantedScopes(pool, client, request.scopes)
  if (scopes === undefined) return refused('invalid_scope')
  const accessToken = await makeMachineToken({ state, pool, client, scopes })
  return { kind: 'granted', accessToken, expiresInSeconds: client.accessTokenSeconds }
}

/**
 * All custom scopes of the client where none are asked for; undefined where one is asked for that it does not have, or
 * where none are left. AWS's pages do not agree whether a scope too many is ignored or refused: refusing is what shows.
 */
function grantedScopes(
  pool: UserPool,
  client: AppClient,
  asked: readonly string[] | undefined,
): readonly string[] | undefined {
  const custom = customScopes(pool)
  const allowed = client.oauth.scopes.filter((scope) => custom.has(scope))
  const scopes = asked === undefined || asked.length === 0 ? allowed : [...new Set(asked)]
  return scopes.length > 0 && scopes.every((scope) => allowed.includes(scope)) ? scopes : undefined
}

function refused(error: TokenRequestError): ClientGrant {
  return { kind: 'refused', error }
}
