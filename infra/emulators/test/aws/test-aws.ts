// Starts local AWS for one test, with real SDK clients and a clock in the test's hand; it leaves no port open behind.
import { createHmac } from 'node:crypto'
import {
  CognitoIdentityProviderClient,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  InitiateAuthCommand,
  type CreateUserPoolClientCommandInput,
  type CreateUserPoolCommandInput,
  type InitiateAuthCommandOutput,
} from '@aws-sdk/client-cognito-identity-provider'
import { KMSClient } from '@aws-sdk/client-kms'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { onTestFinished } from 'vitest'
import { startLocalAws, type LocalAws, type LocalAwsOptions } from '../../aws/server.ts'

export type TestAws = {
  readonly aws: LocalAws
  readonly clock: { now: number }
  readonly cognito: CognitoIdentityProviderClient
  readonly kms: KMSClient
  readonly secrets: SecretsManagerClient
}

/** One attempt per call: what is tested is the server's answer, not the SDK's patience with it. */
export async function startTestAws(options: Omit<LocalAwsOptions, 'now'> = {}): Promise<TestAws> {
  const clock = { now: Date.UTC(2026, 0, 1) }
  const aws = await startLocalAws({ ...options, now: () => clock.now })
  const client = {
    endpoint: aws.url,
    region: aws.region,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  }
  const cognito = new CognitoIdentityProviderClient(client)
  const kms = new KMSClient(client)
  const secrets = new SecretsManagerClient(client)
  onTestFinished(async () => {
    for (const each of [cognito, kms, secrets]) each.destroy()
    await aws.close()
  })
  return { aws, clock, cognito, kms, secrets }
}

export type TestPool = TestAws & { readonly poolId: string; readonly clientId: string; readonly clientSecret: string }

export const goodPassword = 'Correct-horse-9'

/** A pool that takes names in any case, with one client that has a secret and opens password and refresh sign-in. */
export async function startTestPool(
  options: {
    readonly aws?: Omit<LocalAwsOptions, 'now'>
    readonly pool?: Partial<CreateUserPoolCommandInput>
    readonly client?: Partial<CreateUserPoolClientCommandInput>
  } = {},
): Promise<TestPool> {
  const local = await startTestAws(options.aws)
  const { UserPool } = await local.cognito.send(
    new CreateUserPoolCommand({
      PoolName: 'accounts',
      UsernameConfiguration: { CaseSensitive: false },
      Schema: [{ Name: 'badge', AttributeDataType: 'String', Mutable: false }],
      ...options.pool,
    }),
  )
  const poolId = UserPool?.Id ?? ''
  const { UserPoolClient } = await local.cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId: poolId,
      ClientName: 'machine',
      GenerateSecret: true,
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
      PreventUserExistenceErrors: 'ENABLED',
      ...options.client,
    }),
  )
  return {
    ...local,
    poolId,
    clientId: UserPoolClient?.ClientId ?? '',
    clientSecret: UserPoolClient?.ClientSecret ?? '',
  }
}

export type AppClient = { readonly id: string; readonly secret: string }

export async function addClient(
  { cognito, poolId }: TestPool,
  input: Partial<CreateUserPoolClientCommandInput>,
): Promise<AppClient> {
  const { UserPoolClient } = await cognito.send(
    new CreateUserPoolClientCommand({ UserPoolId: poolId, ClientName: 'm', ...input }),
  )
  return { id: UserPoolClient?.ClientId ?? '', secret: UserPoolClient?.ClientSecret ?? '' }
}

/** A user who can sign in with `goodPassword`; resolves with the user's sub. */
export async function addUser(pool: TestPool, username: string): Promise<string> {
  const input = { UserPoolId: pool.poolId, Username: username }
  const { User } = await pool.cognito.send(new AdminCreateUserCommand({ ...input, MessageAction: 'SUPPRESS' }))
  await pool.cognito.send(new AdminSetUserPasswordCommand({ ...input, Password: goodPassword, Permanent: true }))
  return User?.Attributes?.find(({ Name }) => Name === 'sub')?.Value ?? ''
}

export function secretHash(pool: Pick<TestPool, 'clientId' | 'clientSecret'>, username: string): string {
  return createHmac('sha256', pool.clientSecret)
    .update(username + pool.clientId)
    .digest('base64')
}

export function signIn(pool: TestPool, username: string, password = goodPassword): Promise<InitiateAuthCommandOutput> {
  return pool.cognito.send(
    new InitiateAuthCommand({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: pool.clientId,
      AuthParameters: {
        USERNAME: username,
        PASSWORD: password,
        ...(pool.clientSecret !== '' && { SECRET_HASH: secretHash(pool, username) }),
      },
    }),
  )
}

export type Tokens = {
  readonly AccessToken: string
  readonly IdToken: string
  readonly RefreshToken: string
  readonly ExpiresIn: number
}

/** The tokens of a sign-in that has to succeed. */
export async function tokensOf(pool: TestPool, username: string): Promise<Tokens> {
  const { AuthenticationResult } = await signIn(pool, username)
  return AuthenticationResult as Tokens
}

export function claimsOf(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>
}

/** The name and the sentence that a call is refused with, or `none`. */
export function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : 'no error'),
  )
}

/** A raw call, for what the SDK would not send. */
export function post(
  aws: LocalAws,
  target: string,
  options: { readonly body?: string | Uint8Array<ArrayBuffer>; readonly headers?: Record<string, string> } = {},
): Promise<Response> {
  return fetch(aws.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      authorization: 'AWS4-HMAC-SHA256 Credential=local',
      'x-amz-target': target,
      ...options.headers,
    },
    body: options.body ?? '{}',
  })
}
