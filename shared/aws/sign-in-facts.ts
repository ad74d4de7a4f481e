// What a service user signs in with besides its name and password: the pool, and the client with its secret.
import {
  DescribeUserPoolClientCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import { ServiceError } from '../errors.ts'
import { rethrowMapped } from './aws-errors.ts'
import type { SignInFacts } from './password-secrets.ts'

type SignInFactsDeps = {
  readonly cognito: CognitoIdentityProviderClient
  readonly userPoolId: string
  readonly region: string
  readonly clientId: string
  readonly now: () => number
}

/** As long as a client's new secret may go unnoticed. */
const maxAgeMs = 5 * 60_000

/** A function that asks Cognito for the client's secret, and again after five minutes. */
export function createSignInFacts(deps: SignInFactsDeps): (options: { signal: AbortSignal }) => Promise<SignInFacts> {
  const { cognito, userPoolId, region, clientId, now } = deps
  let cached: { readonly facts: SignInFacts; readonly readAt: number } | undefined
  return async ({ signal: abortSignal }) => {
    if (cached !== undefined && now() - cached.readAt < maxAgeMs) return cached.facts
    const command = new DescribeUserPoolClientCommand({ UserPoolId: userPoolId, ClientId: clientId })
    const { UserPoolClient: client } = await cognito.send(command, { abortSignal }).catch(rethrowMapped)
    if (client?.ClientSecret === undefined) {
      throw new ServiceError('internal_error', { reason: 'service_client_without_secret' })
    }
    const facts = { user_pool_id: userPoolId, region, client_id: clientId, client_secret: client.ClientSecret }
    cached = { facts, readAt: now() }
    return facts
  }
}
