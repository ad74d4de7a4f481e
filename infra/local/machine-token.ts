// Gets tokens of machines as a client of the pool would, for demo, benchmarks and tests; no service uses it.
import { GetClientTokenCommand, type CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import type { Scope } from '#shared/access-rules.ts'
import type { MachineAuth } from '#shared/machine/machine-auth.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import type { Pair } from './pair.ts'
import { signIn } from './sign-in.ts'

/** Those in which the machine has credentials of its own for a token. */
export type TokenMode = Exclude<MachineAuth, 'sigv4' | 'sts-token'>

export type ClientSecret = { readonly clientId: string; readonly clientSecret: SecretValue }

/**
 * An access token of App1's machine, by what the machine secret holds now; in the modes of scopes, with this `scope` alone,
 * or with all. Rejects where the secret holds nothing for `mode`.
 */
export async function machineToken(
  { clients, provisioned }: Pick<Pair, 'clients' | 'provisioned'>,
  mode: TokenMode,
  scope?: Scope,
): Promise<SecretValue> {
  const { SecretString = '{}' } = await clients.secrets.send(
    new GetSecretValueCommand({ SecretId: provisioned.machineSecretArn }),
  )
  const secret = JSON.parse(SecretString) as Readonly<Record<string, string | undefined>>
  const field = (name: string): string => {
    const value = secret[name]
    if (value === undefined) throw new Error(`the machine secret has no ${name}`)
    return value
  }
  if (mode === 'password') {
    return signIn(clients.cognito, {
      userPoolId: provisioned.userPoolId,
      clientId: field('client_id'),
      username: field('username'),
      password: new SecretValue(field('password')),
    })
  }
  const client = { clientId: field('scope_client_id'), clientSecret: new SecretValue(field('scope_client_secret')) }
  const { tokenEndpoint } = provisioned
  return clientToken(client, { mode, cognito: clients.cognito, tokenEndpoint, scope })
}

/** An access token of an app client itself, with this `scope`, or every one that the client may have. */
export async function clientToken(
  { clientId, clientSecret }: ClientSecret,
  options: {
    readonly mode: Exclude<TokenMode, 'password'>
    readonly cognito: CognitoIdentityProviderClient
    readonly tokenEndpoint?: string | undefined
    readonly scope?: Scope | undefined
  },
): Promise<SecretValue> {
  const { mode, cognito, tokenEndpoint = '', scope } = options
  if (mode === 'client-credentials') return askTokenEndpoint(tokenEndpoint, { clientId, clientSecret }, scope)
  const command = new GetClientTokenCommand({
    ClientId: clientId,
    Secret: clientSecret.expose(),
    ...(scope && { Scopes: [scope] }),
  })
  const { ClientAuthenticationResult: result } = await cognito.send(command)
  if (result?.AccessToken === undefined) throw new Error('no token: GetClientToken answered without one')
  return new SecretValue(result.AccessToken)
}

/** RFC 6749, section 4.4. */
async function askTokenEndpoint(
  url: string,
  { clientId, clientSecret }: ClientSecret,
  scope: Scope | undefined,
): Promise<SecretValue> {
  const credentials = Buffer.from(`${clientId}:${clientSecret.expose()}`).toString('base64')
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${credentials}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope && { scope }) }),
    redirect: 'error',
  })
  if (!response.ok) throw new Error(`no token: the token endpoint answered with ${response.status}`)
  const { access_token } = (await response.json()) as { access_token: string }
  return new SecretValue(access_token)
}
