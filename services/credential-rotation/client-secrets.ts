// The secrets of the scope client in Cognito, two at most, and one request for a token with one; it decides on none of them.
import {
  AddUserPoolClientSecretCommand,
  DeleteUserPoolClientSecretCommand,
  ListUserPoolClientSecretsCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import * as z from 'zod/mini'
import type { SendOnce } from '#shared/aws/send-once.ts'
import { creationScope, readUnverifiedScope } from '#shared/machine/machine-scope.ts'
import { clientTokenCommand, requestEndpointToken } from '#shared/machine/machine-token-requests.ts'
import { parseJson } from '#shared/text/parse-json.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { awsCall, AwsCallError, failedWith, RotationError } from './rotation-error.ts'
import type { CallOptions, ClientCredentials } from './secret-store.ts'

/** Everything may throw AwsCallError. */
export type ClientSecrets = {
  /** Their ids; Cognito shows no value again. `createdAt` is in milliseconds. */
  list(options: CallOptions): Promise<readonly { readonly id: string; readonly createdAt: number }[]>
  /** Cognito draws it, and takes it from now on. */
  add(options: CallOptions): Promise<{ readonly id: string; readonly value: SecretValue }>
  /** Also when it is gone. */
  remove(id: string, options: CallOptions): Promise<void>
}

type ClientSecretsDeps = {
  readonly cognito: CognitoIdentityProviderClient
  readonly userPoolId: string
  readonly clientId: string
}

export function createClientSecrets({
  cognito,
  userPoolId: UserPoolId,
  clientId: ClientId,
}: ClientSecretsDeps): ClientSecrets {
  return {
    async list({ signal: abortSignal }) {
      // One page holds both.
      const command = new ListUserPoolClientSecretsCommand({ UserPoolId, ClientId })
      const { ClientSecrets = [] } = await awsCall('ListUserPoolClientSecrets', () =>
        cognito.send(command, { abortSignal }),
      )
      return ClientSecrets.flatMap(({ ClientSecretId: id, ClientSecretCreateDate: created }) =>
        id === undefined ? [] : [{ id, createdAt: created?.getTime() ?? 0 }],
      )
    },

    async add({ signal: abortSignal }) {
      const command = new AddUserPoolClientSecretCommand({ UserPoolId, ClientId })
      const { ClientSecretDescriptor: added } = await awsCall('AddUserPoolClientSecret', () =>
        cognito.send(command, { abortSignal }),
      )
      if (added?.ClientSecretId === undefined || added.ClientSecretValue === undefined) {
        throw new RotationError('client_secret_not_shown')
      }
      return { id: added.ClientSecretId, value: new SecretValue(added.ClientSecretValue) }
    },

    async remove(ClientSecretId, { signal: abortSignal }) {
      const command = new DeleteUserPoolClientSecretCommand({ UserPoolId, ClientId, ClientSecretId })
      try {
        await awsCall('DeleteUserPoolClientSecret', () => cognito.send(command, { abortSignal }))
      } catch (error) {
        if (!failedWith(error, 'ResourceNotFoundException')) throw error
      }
    },
  }
}

/** `rejected`: Cognito does not know the secret, or not yet. */
export type TrialToken = (credentials: ClientCredentials, options: CallOptions) => Promise<'issued' | 'rejected'>

type TrialTokenDeps = {
  readonly cognito: CognitoIdentityProviderClient
  readonly send: SendOnce
  /** Absent: by GetClientToken. A client takes one of the two. */
  readonly tokenEndpoint?: URL | undefined
}

/**
 * The very request that App1 makes. Throws AwsCallError, and `token_without_scope` where the token does not have exactly
 * App1's scope.
 */
export function createTrialToken({ cognito, send, tokenEndpoint }: TrialTokenDeps): TrialToken {
  return async (credentials, { signal }) => {
    try {
      const token = await (tokenEndpoint === undefined
        ? awsCall('GetClientToken', () => getClientToken(cognito, credentials, signal))
        : awsCall('TokenEndpoint', () =>
            getEndpointToken({ send, tokenEndpoint, scope: creationScope }, credentials, signal),
          ))
      const scope = token === undefined ? undefined : readUnverifiedScope(new SecretValue(token))
      if (scope !== creationScope) throw new RotationError('token_without_scope')
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
  const answer = await cognito.send(clientTokenCommand(credentials, creationScope), { abortSignal })
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
  const { status, body } = await requestEndpointToken(deps, credentials, signal).catch((error: unknown) => {
    const code = connectionCode(error)
    throw code === undefined ? error : new TokenEndpointError(code)
  })
  const answer = parseJson(body)
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

/** The name did not resolve, or no connection came about. `ETIMEDOUT` can come later too; a token request may be repeated. */
const unconnectedCodes: readonly string[] = [
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
]

/** Node's own word for why there was no connection. */
function connectionCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return unconnectedCodes.find((known) => known === code)
}

/** Whether no token endpoint has judged the secret: it was not reached, or its domain is not served yet. */
export function isUnserved(error: unknown): error is AwsCallError {
  if (!(error instanceof AwsCallError) || error.call !== 'TokenEndpoint') return false
  return unconnectedCodes.includes(error.errorName) || /^Http(404|5\d\d)$/.test(error.errorName)
}
