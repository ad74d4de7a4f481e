// Gets tokens of machines as a client of the pool, or a role at STS, would, for demo, benchmarks and tests; no service uses it.
import { createHash } from 'node:crypto'
import { GetClientTokenCommand, type CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { GetWebIdentityTokenCommand, STSClient, type GetWebIdentityTokenCommandInput } from '@aws-sdk/client-sts'
import { creationPath, type Scope } from '#shared/access-rules.ts'
import type { MachineAuth } from '#shared/machine/machine-auth.ts'
import { boundTags, stsAudience } from '#shared/machine/sts-token.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import type { SigningCredential } from '../emulators/gateway/signing-credential.ts'
import { clientOptionsOf } from './aws-clients.ts'
import { toEnvironment } from './pair-credentials.ts'
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

type AtSts = Pick<Pair, 'awsUrl' | 'provisioned'>

/** A token of STS for the role of `signer`: as App1 asks for its own, but for `changes`. */
export async function stsToken(
  { awsUrl, provisioned: { region, userPoolId } }: AtSts,
  signer: SigningCredential,
  changes: Partial<GetWebIdentityTokenCommandInput> = {},
): Promise<SecretValue> {
  const sts = new STSClient(clientOptionsOf({ endpoint: awsUrl, region, environment: toEnvironment(signer) }))
  try {
    const asked = { Audience: [stsAudience(userPoolId)], SigningAlgorithm: 'RS256', ...changes }
    const { WebIdentityToken: token } = await sts.send(new GetWebIdentityTokenCommand(asked))
    if (token === undefined) throw new Error('no token: GetWebIdentityToken answered without one')
    return new SecretValue(token)
  } finally {
    sts.destroy()
  }
}

/** What binds a token to a creation with this body. */
export function tagsFor(body: string): NonNullable<GetWebIdentityTokenCommandInput['Tags']> {
  const { provisioning_id: Value } = JSON.parse(body) as { readonly provisioning_id?: string }
  return [
    { Key: boundTags.bodySha256, Value: createHash('sha256').update(body).digest('base64url') },
    { Key: boundTags.provisioningId, Value: Value ?? 'none' },
  ]
}

/** The token that App1's role has for a request, which is one of its own where creations have such. */
export function app1StsToken(
  pair: AtSts & Pick<Pair, 'app2Signers' | 'modes'>,
  { path, body }: { readonly path: string; readonly body: string },
): Promise<SecretValue> {
  if (pair.app2Signers === undefined) throw new Error('the pair was started without signers')
  const isBound = pair.modes.stsTokenPerRequest && path === creationPath
  return stsToken(pair, pair.app2Signers.provisioner, isBound ? { Tags: tagsFor(body) } : {})
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
