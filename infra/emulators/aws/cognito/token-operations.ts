// GetTokensFromRefreshToken, RevokeToken and GetUser; all take a token as the credential, so none is signed.
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import type { OperationTable } from '../operation.ts'
import { provesClient } from './client-secrets.ts'
import { stringMap } from '../input.ts'
import { findGrant, findRefreshable, findSignIn, isAccessToken, renew, rotate } from './grants.ts'
import { invalid, notAuthorized } from './errors.ts'
import * as shapes from './shapes.ts'
import { findAppClient, findTokenHolder, type CognitoState } from './state.ts'
import { describeAttributes } from './users.ts'

const revokeToken = z.object({
  Token: shapes.token,
  ClientId: shapes.clientId,
  ClientSecret: z.optional(shapes.clientSecret),
})

const getTokensFromRefreshToken = z.object({
  RefreshToken: shapes.token,
  ClientId: shapes.clientId,
  ClientSecret: z.optional(shapes.clientSecret),
  ClientMetadata: z.optional(stringMap),
})

export function tokenOperations(state: CognitoState): OperationTable {
  return {
    GetTokensFromRefreshToken: shapes.cognitoOperation(
      getTokensFromRefreshToken,
      async ({ RefreshToken, ClientId, ClientSecret }) => {
        const { client, pool } = findAppClient(state, ClientId)
        // The secret itself, where InitiateAuth takes a hash.
        if (!provesClient(client, ClientSecret)) throw notAuthorized('Invalid client or secret.')
        const issued = findRefreshable(state, client, RefreshToken)
        const signedIn = { state, pool, client, user: findTokenHolder(pool, issued.grant.sub) }
        const { refreshRetrySeconds: retrySeconds } = client
        const renewed =
          retrySeconds === undefined ? renew(signedIn, issued.grant) : rotate(signedIn, issued, retrySeconds)
        return { AuthenticationResult: await renewed }
      },
      { access: 'unsigned' },
    ),

    RevokeToken: shapes.cognitoOperation(
      revokeToken,
      ({ Token, ClientId, ClientSecret }) => {
        const client = state.clients.get(ClientId)
        if (client === undefined || !provesClient(client, ClientSecret)) throw unauthorized('Invalid client or secret.')
        if (!client.revokesTokens) {
          throw new AwsError('UnsupportedOperationException', 'Token revocation is not enabled for this client.')
        }
        if (isAccessToken(state, Token)) throw new AwsError('UnsupportedTokenTypeException', 'Unsupported token type')
        const grant = findGrant(state, Token)
        if (grant === undefined) throw invalid('Invalid Refresh Token')
        if (grant.clientId !== client.id) throw unauthorized('The token was issued to another client.')
        grant.revoked = true
        return {}
      },
      { access: 'unsigned' },
    ),

    GetUser: shapes.cognitoOperation(
      z.object({ AccessToken: shapes.token }),
      ({ AccessToken }) => {
        const grant = findSignIn(state, AccessToken)
        const { client, pool } = findAppClient(state, grant.clientId)
        const user = findTokenHolder(pool, grant.sub)
        // `sub` is no attribute that a client could be kept from reading.
        const isReadable = (name: string): boolean => name === 'sub' || client.readAttributes.has(name)
        const UserAttributes = describeAttributes(user).filter(({ Name }) => isReadable(Name))
        return { Username: user.username, UserAttributes }
      },
      { access: 'unsigned' },
    ),
  }
}

function unauthorized(message: string): AwsError {
  return new AwsError('UnauthorizedException', message, 401)
}
