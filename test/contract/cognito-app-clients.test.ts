import {
  CreateUserPoolClientCommand,
  InitiateAuthCommand,
  type CreateUserPoolClientCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect } from 'vitest'
import { usePool, type AppClient } from './support/pool.ts'
import { accepted, refused, refusedEach, statement } from './support/statement.ts'
import { createConfirmedUser, secretHash, signIn } from './support/users.ts'

const pool = usePool()

type ClientInput = Partial<CreateUserPoolClientCommandInput>

async function makeClient(input: ClientInput): Promise<AppClient> {
  const { UserPoolClient: made } = await pool().cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId: pool().userPoolId,
      ClientName: 'settings',
      GenerateSecret: true,
      ...input,
    }),
  )
  return { id: made?.ClientId ?? '', secret: made?.ClientSecret ?? '' }
}

/** Of a client with managed login, whatever `input` changes. */
const withManagedLogin = (input: ClientInput): ClientInput => ({
  AllowedOAuthFlowsUserPoolClient: true,
  AllowedOAuthFlows: ['code'],
  AllowedOAuthScopes: ['openid'],
  CallbackURLs: ['https://app.example.com/callback'],
  SupportedIdentityProviders: ['COGNITO'],
  ...input,
})

describe('the lives of tokens', () => {
  const lives = { AccessTokenValidity: 60, IdTokenValidity: 60, RefreshTokenValidity: 60 }
  const minutes = { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'minutes' } as const

  accepted('CreateUserPoolClient takes tokens that live as long as the refresh token', () =>
    makeClient({
      ...{ AccessTokenValidity: 60, IdTokenValidity: 60, RefreshTokenValidity: 60 },
      TokenValidityUnits: minutes,
    }),
  )

  // user-pool-settings-client-apps.html: "cannot be greater than refresh token expiration"; recorded as "Invalid range for
  // token validity.", aws-samples/cloudfront-authorization-at-edge#144.
  refusedEach(
    'an access or ID token that outlives the refresh token is InvalidParameterException',
    [{ AccessTokenValidity: 61 }, { IdTokenValidity: 61 }],
    (life) => makeClient({ ...lives, ...life, TokenValidityUnits: minutes }),
  )
})

describe('OAuth settings', () => {
  accepted('CreateUserPoolClient takes the code flow with a callback URL', () => makeClient(withManagedLogin({})))

  // Recorded: "CallbackUrls can not be empty when code flow or implicit flow is selected", cisagov/crossfeed#440.
  refusedEach(
    'the code or the implicit flow without a callback URL is InvalidOAuthFlowException',
    ['code', 'implicit'] as const,
    (flow) => makeClient(withManagedLogin({ AllowedOAuthFlows: [flow], CallbackURLs: [] })),
  )

  // API_CreateUserPoolClient.html, at CallbackURLs, for this one and the two that follow.
  refusedEach(
    'a callback URL of plain http, with a fragment or relative is InvalidParameterException',
    ['http://app.example.com/callback', 'https://app.example.com/#callback', '/callback'],
    (url) => makeClient(withManagedLogin({ CallbackURLs: [url] })),
  )

  refused('a default redirect that is no callback URL is InvalidParameterException', () =>
    makeClient(withManagedLogin({ DefaultRedirectURI: 'https://other.example.com/' })),
  )
  refused('an identity provider that the pool does not have is InvalidParameterException', () =>
    makeClient(withManagedLogin({ SupportedIdentityProviders: ['Facebook'] })),
  )

  // Recorded in hashicorp/terraform-provider-aws, aws_cognito_managed_user_pool_client.
  refusedEach(
    'managed login without a flow or without a scope is InvalidParameterException',
    [{ AllowedOAuthFlows: [] }, { AllowedOAuthScopes: [] }],
    (input) => makeClient(withManagedLogin(input)),
  )

  accepted("a client may be called back at this machine by plain http, and by an app's own scheme", () =>
    makeClient(withManagedLogin({ CallbackURLs: ['http://localhost:3000/callback', 'myapp://callback'] })),
  )
  refused('client_credentials without a secret is InvalidOAuthFlowException', () =>
    makeClient({ GenerateSecret: false, AllowedOAuthFlows: ['client_credentials' as const] }),
  )

  // Recorded: "openid is not supported with client_credentials flow", hashicorp/terraform-provider-aws#4984.
  refused('client_credentials with a scope of users is InvalidOAuthFlowException', () =>
    makeClient(withManagedLogin({ AllowedOAuthFlows: ['client_credentials'] })),
  )
})

describe('the flows of before 2019', () => {
  // API_CreateUserPoolClient.html: values without ALLOW_ are still to be seen, and such clients always could refresh.
  statement('a client with the old name of the password flow signs in and refreshes', async () => {
    const client = await makeClient({ ExplicitAuthFlows: ['USER_PASSWORD_AUTH'] })
    const user = await createConfirmedUser(pool())
    const { refreshToken } = await signIn(pool(), user, client)

    const { AuthenticationResult: result } = await pool().cognito.send(
      new InitiateAuthCommand({
        AuthFlow: 'REFRESH_TOKEN_AUTH',
        ClientId: client.id,
        AuthParameters: { REFRESH_TOKEN: refreshToken, SECRET_HASH: secretHash(client, user.username) },
      }),
    )

    expect(result?.AccessToken).toBeTypeOf('string')
  })
})
