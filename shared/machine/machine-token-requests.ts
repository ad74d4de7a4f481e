// The requests by which the machine gets a token: App1 makes them, and the rotation tries new credentials by the very
// same ones. It reads no answer.
import { createHmac } from 'node:crypto'
import {
  GetClientTokenCommand,
  InitiateAuthCommand,
  RevokeTokenCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import type { Scope } from '../access-rules.ts'
import { awsClientOptions } from '../aws/aws-client-options.ts'
import type { Answer, SendOnce } from '../aws/send-once.ts'
import type { SecretValue } from '../text/secret-value.ts'

/** An app client that has a secret. */
type Client = { readonly clientId: string; readonly clientSecret: SecretValue }

/** A user of the pool, and the client that it signs in through. */
type User = Client & { readonly username: SecretValue; readonly password: SecretValue }

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_InitiateAuth.html */
export function passwordSignInCommand(user: User): InitiateAuthCommand {
  return new InitiateAuthCommand({
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId: user.clientId,
    AuthParameters: {
      USERNAME: user.username.expose(),
      PASSWORD: user.password.expose(),
      SECRET_HASH: secretHash(user),
    },
  })
}

/** Ends the session that `refreshToken` belongs to, with every token in it. */
export function revokeSessionCommand({ clientId, clientSecret }: Client, refreshToken: string): RevokeTokenCommand {
  return new RevokeTokenCommand({ ClientId: clientId, ClientSecret: clientSecret.expose(), Token: refreshToken })
}

/** https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_GetClientToken.html */
export function clientTokenCommand({ clientId, clientSecret }: Client, scope: Scope): GetClientTokenCommand {
  return new GetClientTokenCommand({ ClientId: clientId, Secret: clientSecret.expose(), Scopes: [scope] })
}

/**
 * What a pool's token endpoint answers to a request by client_secret_basic (RFC 6749, sections 2.3.1 and 4.4.2), within
 * the time that an SDK client has for one attempt. Throws what `send` throws.
 * https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html
 */
export function requestEndpointToken(
  { send, tokenEndpoint, scope }: { readonly send: SendOnce; readonly tokenEndpoint: URL; readonly scope: Scope },
  { clientId, clientSecret }: Client,
  signal: AbortSignal,
): Promise<Answer> {
  return send({
    url: tokenEndpoint,
    headers: {
      authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret.expose()}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: Buffer.from(new URLSearchParams({ grant_type: 'client_credentials', scope }).toString()),
    signal: AbortSignal.any([signal, AbortSignal.timeout(awsClientOptions.requestHandler.requestTimeout)]),
  })
}

type HashedParts = { readonly username: SecretValue; readonly clientId: string; readonly clientSecret: SecretValue }

/**
 * SECRET_HASH, by which an app client that has a secret shows Cognito that it knows it: base64 of HMAC-SHA256, keyed by the client secret, over username and client id. "Computing secret hash values" in
 * https://docs.aws.amazon.com/cognito/latest/developerguide/signing-up-users-in-your-app.html
 */
export function secretHash({ username, clientId, clientSecret }: HashedParts): string {
  return createHmac('sha256', clientSecret.expose())
    .update(username.expose() + clientId)
    .digest('base64')
}
