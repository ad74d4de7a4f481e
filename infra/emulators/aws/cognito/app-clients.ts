// App clients: which flows they open, how long their tokens live, what attributes they see; never a default that AWS lacks.
import * as z from 'zod/mini'
import { integer } from '../input.ts'
import type { OperationTable } from '../operation.ts'
import { paginate } from '../pagination.ts'
import { lowerAlphanumerics, randomText } from '../../random-text.ts'
import { standardAttributes } from './attributes.ts'
import { makeClientSecret } from './client-secrets.ts'
import { invalid, notImplemented } from './errors.ts'
import { readOAuthSettings } from './oauth-settings.ts'
import * as shapes from './shapes.ts'
import { findClientOfPool, findUserPool, timestamp, type AppClient, type CognitoState, type UserPool } from './state.ts'

const secondsPer = { seconds: 1, minutes: 60, hours: 3600, days: 86_400 } as const
const unit = z.optional(z.enum(['seconds', 'minutes', 'hours', 'days']))
const boolean = z.optional(z.boolean())
const strings = z.optional(z.array(z.string()))
const redirectUrls = z.optional(z.array(shapes.redirectUrl).check(z.maxLength(100)))

const explicitAuthFlow = z.enum([
  'ADMIN_NO_SRP_AUTH',
  'CUSTOM_AUTH_FLOW_ONLY',
  'USER_PASSWORD_AUTH',
  'ALLOW_ADMIN_USER_PASSWORD_AUTH',
  'ALLOW_CUSTOM_AUTH',
  'ALLOW_USER_PASSWORD_AUTH',
  'ALLOW_USER_SRP_AUTH',
  'ALLOW_REFRESH_TOKEN_AUTH',
  'ALLOW_USER_AUTH',
  'ALLOW_CLIENT_TOKEN_AUTH',
])

const createUserPoolClient = z.object({
  UserPoolId: shapes.userPoolId,
  ClientName: shapes.resourceName,
  GenerateSecret: boolean,
  ClientSecret: z.optional(shapes.clientSecret),
  RefreshTokenValidity: z.optional(integer({ min: 0, max: 315_360_000 })),
  AccessTokenValidity: z.optional(integer({ min: 1, max: 86_400 })),
  IdTokenValidity: z.optional(integer({ min: 1, max: 86_400 })),
  TokenValidityUnits: z.optional(z.object({ AccessToken: unit, IdToken: unit, RefreshToken: unit })),
  ReadAttributes: strings,
  WriteAttributes: strings,
  ExplicitAuthFlows: z.optional(z.array(explicitAuthFlow)),
  SupportedIdentityProviders: strings,
  CallbackURLs: redirectUrls,
  LogoutURLs: redirectUrls,
  DefaultRedirectURI: z.optional(shapes.redirectUrl),
  AllowedOAuthFlows: z.optional(z.array(z.enum(['code', 'implicit', 'client_credentials'])).check(z.maxLength(3))),
  AllowedOAuthScopes: z.optional(z.array(shapes.scope).check(z.maxLength(50))),
  AllowedOAuthFlowsUserPoolClient: boolean,
  PreventUserExistenceErrors: z.optional(z.enum(['LEGACY', 'ENABLED'])),
  EnableTokenRevocation: boolean,
  EnablePropagateAdditionalUserContextData: boolean,
  AuthSessionValidity: z.optional(integer({ min: 3, max: 15 })),
  RefreshTokenRotation: z.optional(
    z.object({
      Feature: z.enum(['ENABLED', 'DISABLED']),
      RetryGracePeriodSeconds: z.optional(integer({ min: 0, max: 60 })),
    }),
  ),
})

type CreateUserPoolClientInput = z.infer<typeof createUserPoolClient>

export function appClientOperations(state: CognitoState): OperationTable {
  return {
    CreateUserPoolClient: shapes.cognitoOperation(createUserPoolClient, (input) => {
      const client = makeAppClient(state, findUserPool(state, input.UserPoolId), input)
      state.clients.set(client.id, client)
      return { UserPoolClient: describe(client) }
    }),

    DescribeUserPoolClient: shapes.cognitoOperation(
      z.object({ UserPoolId: shapes.userPoolId, ClientId: shapes.clientId }),
      ({ UserPoolId, ClientId }) => ({ UserPoolClient: describe(findClientOfPool(state, UserPoolId, ClientId)) }),
    ),

    ListUserPoolClients: shapes.cognitoOperation(
      z.object({
        UserPoolId: shapes.userPoolId,
        MaxResults: z.optional(integer({ min: 1, max: 60 })),
        NextToken: shapes.paginationToken,
      }),
      ({ UserPoolId, MaxResults, NextToken }) => {
        const pool = findUserPool(state, UserPoolId)
        const items = [...state.clients.values()].filter(({ poolId }) => poolId === pool.id)
        const page = paginate({ list: ['clients', UserPoolId], items, limit: MaxResults, token: NextToken })
        return { UserPoolClients: page.items.map((client) => summarise(client)), NextToken: page.nextToken }
      },
    ),
  }
}

function makeAppClient(state: CognitoState, pool: UserPool, input: CreateUserPoolClientInput): AppClient {
  const { UserPoolId, ClientName, GenerateSecret: isConfidential = false, ClientSecret, ...settings } = input
  if (ClientSecret !== undefined) throw notImplemented('ClientSecret')
  checkAttributeNames(pool, input.ReadAttributes, 'read')
  checkAttributeNames(pool, input.WriteAttributes, 'write')
  const id = randomText({ length: 26, alphabet: lowerAlphanumerics })
  return {
    sequence: state.nextSequence(),
    id,
    name: ClientName,
    poolId: UserPoolId,
    secrets: isConfidential ? [makeClientSecret(id, state.now())] : [],
    createdAt: state.now(),
    settings,
    explicitAuthFlows: authFlows(input),
    oauth: readOAuthSettings(pool, input, { isConfidential }),
    ...tokenLifetimes(input),
    refreshRetrySeconds: rotates(input) ? (input.RefreshTokenRotation?.RetryGracePeriodSeconds ?? 0) : undefined,
    preventsUserExistenceErrors: input.PreventUserExistenceErrors === 'ENABLED',
    revokesTokens: input.EnableTokenRevocation ?? true,
    readAttributes: new Set(input.ReadAttributes ?? standardAttributes.map(({ name }) => name)),
  }
}

/** Where refresh tokens are rotated, GetTokensFromRefreshToken alone renews a sign-in. */
function rotates({ RefreshTokenRotation }: CreateUserPoolClientInput): boolean {
  return RefreshTokenRotation?.Feature === 'ENABLED'
}

/** Without a list Cognito opens refresh, SRP and custom sign-in, and no password flow. */
function authFlows(input: CreateUserPoolClientInput): readonly string[] {
  const { ExplicitAuthFlows } = input
  if (ExplicitAuthFlows === undefined || ExplicitAuthFlows.length === 0) {
    return [...(rotates(input) ? [] : ['ALLOW_REFRESH_TOKEN_AUTH']), 'ALLOW_USER_SRP_AUTH', 'ALLOW_CUSTOM_AUTH']
  }
  if (rotates(input) && ExplicitAuthFlows.includes('ALLOW_REFRESH_TOKEN_AUTH')) {
    throw invalid('ALLOW_REFRESH_TOKEN_AUTH cannot be combined with refresh token rotation.')
  }
  const current = ExplicitAuthFlows.filter((flow) => flow.startsWith('ALLOW_'))
  if (current.length > 0 && current.length < ExplicitAuthFlows.length) {
    throw invalid('ExplicitAuthFlows cannot mix values with and without the ALLOW_ prefix.')
  }
  if (ExplicitAuthFlows.includes('ALLOW_CLIENT_TOKEN_AUTH') && ExplicitAuthFlows.length > 1) {
    throw invalid('ALLOW_CLIENT_TOKEN_AUTH cannot be combined with other flows.')
  }
  return ExplicitAuthFlows
}

type Unit = keyof typeof secondsPer

/** The unit counts only together with a value: without one a token lives its default hour. */
function validityUnit(validity: number | undefined, given: Unit | undefined): Unit {
  return validity === undefined ? 'hours' : (given ?? 'hours')
}

/** Neither an access nor an ID token outlives the refresh token. */
function tokenLifetimes(
  input: CreateUserPoolClientInput,
): Pick<AppClient, 'accessTokenSeconds' | 'idTokenSeconds' | 'refreshTokenSeconds'> {
  const { AccessTokenValidity: access, IdTokenValidity: id, TokenValidityUnits: units = {} } = input
  const accessTokenSeconds = lifetime(access ?? 1, validityUnit(access, units.AccessToken))
  const idTokenSeconds = lifetime(id ?? 1, validityUnit(id, units.IdToken))
  const refreshTokenSeconds = refreshLifetime(input.RefreshTokenValidity, units.RefreshToken)
  if (Math.max(accessTokenSeconds, idTokenSeconds) > refreshTokenSeconds) throw invalidRange()
  return { accessTokenSeconds, idTokenSeconds, refreshTokenSeconds }
}

/** Access and ID tokens live from five minutes to a day. */
function lifetime(validity: number, given: Unit): number {
  const seconds = validity * secondsPer[given]
  if (seconds < 300 || seconds > 86_400) throw invalidRange()
  return seconds
}

/** Refresh tokens live from an hour to 3,650 days; 0 stands for the default, 30 days. */
function refreshLifetime(validity: number | undefined, given: Unit = 'days'): number {
  if (validity === undefined || validity === 0) return 30 * secondsPer.days
  const seconds = validity * secondsPer[given]
  if (seconds < 3600 || seconds > 3650 * secondsPer.days) throw invalidRange()
  return seconds
}

function checkAttributeNames(pool: UserPool, given: readonly string[] = [], what: 'read' | 'write'): void {
  if (given.some((name) => !pool.attributeRules.has(name))) {
    throw invalid(`Invalid ${what} attributes specified while creating a client`)
  }
}

function summarise({ id, name, poolId }: AppClient): object {
  return { ClientId: id, ClientName: name, UserPoolId: poolId }
}

function describe(client: AppClient): object {
  return {
    RefreshTokenValidity: 30,
    AllowedOAuthFlowsUserPoolClient: false,
    EnableTokenRevocation: client.revokesTokens,
    EnablePropagateAdditionalUserContextData: false,
    AuthSessionValidity: 3,
    PreventUserExistenceErrors: 'LEGACY',
    ...client.settings,
    ...summarise(client),
    // Of two active ones the older, which was there when the client was made.
    ClientSecret: client.secrets[0]?.value,
    ExplicitAuthFlows: client.explicitAuthFlows,
    CreationDate: timestamp(client.createdAt),
    LastModifiedDate: timestamp(client.createdAt),
  }
}

function invalidRange(): Error {
  return invalid('Invalid range for token validity.')
}
