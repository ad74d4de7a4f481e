// A pool with a resource server, a domain and app clients for machines, for one test; it makes no user.
import {
  CreateResourceServerCommand,
  CreateUserPoolDomainCommand,
  type CreateUserPoolClientCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import type { LocalAwsOptions } from '../../aws/server.ts'
import { localTokenEndpoint } from '../../aws/token-endpoint-handler.ts'
import { startTestPool, type AppClient, type TestPool } from './test-aws.ts'

export type MachinePool = TestPool & { readonly tokenEndpoint: string }

type ClientInput = Partial<CreateUserPoolClientCommandInput>

export const clientCredentials: ClientInput = {
  GenerateSecret: true,
  ExplicitAuthFlows: ['ALLOW_REFRESH_TOKEN_AUTH'],
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ['client_credentials'],
  AllowedOAuthScopes: ['app2/users.create'],
}

export const clientToken: ClientInput = {
  GenerateSecret: true,
  // The types of the SDK do not have it yet; its wire format does.
  ExplicitAuthFlows: ['ALLOW_CLIENT_TOKEN_AUTH' as 'ALLOW_REFRESH_TOKEN_AUTH'],
  AllowedOAuthScopes: ['app2/users.create'],
}

/** The resource server `app2` with its scopes `users.create` and `sample.call`, and the domain `accounts`. */
export async function startMachinePool(aws: Omit<LocalAwsOptions, 'now'> = {}): Promise<MachinePool> {
  const pool = await startTestPool({ aws })
  const UserPoolId = pool.poolId
  const Scopes = ['users.create', 'sample.call'].map((ScopeName) => ({ ScopeName, ScopeDescription: 'x' }))
  await pool.cognito.send(new CreateResourceServerCommand({ UserPoolId, Identifier: 'app2', Name: 'App2', Scopes }))
  await pool.cognito.send(new CreateUserPoolDomainCommand({ UserPoolId, Domain: 'accounts' }))
  return { ...pool, tokenEndpoint: localTokenEndpoint(pool.aws.url, 'accounts') }
}

export function basic({ id, secret }: AppClient): string {
  return `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
}

/** A client_credentials request by client_secret_basic, unless told otherwise. */
export async function requestToken(
  { tokenEndpoint }: Pick<MachinePool, 'tokenEndpoint'>,
  options: { readonly client?: AppClient; readonly form?: Record<string, string>; readonly url?: string },
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const response = await fetch(options.url ?? tokenEndpoint, {
    method: 'POST',
    headers: options.client === undefined ? {} : { authorization: basic(options.client) },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...options.form }),
  })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
