import {
  CreateUserPoolClientCommand,
  InitiateAuthCommand,
  type CreateUserPoolClientCommandInput,
} from '@aws-sdk/client-cognito-identity-provider'
import { describe, expect } from 'vitest'
import { usePool, type AppClient } from './support/pool.ts'
import { refusal, refusals, statement } from './support/statement.ts'
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
  const minutes = { AccessToken: 'minutes', IdToken: 'minutes', RefreshToken: 'minutes' } as const

  statement('CreateUserPoolClient takes tokens that live as long as the refresh token', async () => {
    const validity = { AccessTokenValidity: 60, IdTokenValidity: 60, RefreshTokenValidity: 60 }

    expect(await refusal(makeClient({ ...validity, TokenValidityUnits: minutes }))).toBe('none')
  })

  // user-pool-settings-client-apps.html: "cannot be greater than refresh token expiration"; recorded as "Invalid range for
  // token validity.", aws-samples/cloudfront-authorization-at-edge#144.
  statement('an access or ID token that outlives the refresh token is InvalidParameterException', async () => {
    const lives = [
      { AccessTokenValidity: 61, IdTokenValidity: 60 },
      { AccessTokenValidity: 60, IdTokenValidity: 61 },
    ]

    const refused = await refusals(lives, (life) =>
      makeClient({ ...life, RefreshTokenValidity: 60, TokenValidityUnits: minutes }),
    )

    expect(refused).toEqual(['InvalidParameterException', 'InvalidParameterException'])
  })
})

describe('OAuth settings', () => {
  statement('CreateUserPoolClient takes the code flow with a callback URL', async () => {
    expect(await refusal(makeClient(withManagedLogin({})))).toBe('none')
  })

  // Recorded: "CallbackUrls can not be empty when code flow or implicit flow is selected", cisagov/crossfeed#440.
  statement('the code or the implicit flow without a callback URL is InvalidOAuthFlowException', async () => {
    const refused = await refusals(['code', 'implicit'] as const, (flow) =>
      makeClient(withManagedLogin({ AllowedOAuthFlows: [flow], CallbackURLs: [] })),
    )

    expect(refused).toEqual(['InvalidOAuthFlowException', 'InvalidOAuthFlowException'])
  })

  // API_CreateUserPoolClient.html, at CallbackURLs, for this one and the two that follow.
  statement('a callback URL of plain http, with a fragment or relative is InvalidParameterException', async () => {
    const malformed = ['http://app.example.com/callback', 'https://app.example.com/#callback', '/callback']

    const refused = await refusals(malformed, (url) => makeClient(withManagedLogin({ CallbackURLs: [url] })))

    expect(refused).toEqual(malformed.map(() => 'InvalidParameterException'))
  })

  statement('a default redirect that is no callback URL is InvalidParameterException', async () => {
    const client = withManagedLogin({ DefaultRedirectURI: 'https://other.example.com/' })

    expect(await refusal(makeClient(client))).toBe('InvalidParameterException')
  })

  statement('an identity provider that the pool does not have is InvalidParameterException', async () => {
    const client = withManagedLogin({ SupportedIdentityProviders: ['Facebook'] })

    expect(await refusal(makeClient(client))).toBe('InvalidParameterException')
  })

  // Recorded in hashicorp/terraform-provider-aws, aws_cognito_managed_user_pool_client.
  statement('managed login without a flow or without a scope is InvalidParameterException', async () => {
    const refused = await refusals([{ AllowedOAuthFlows: [] }, { AllowedOAuthScopes: [] }], (input) =>
      makeClient(withManagedLogin(input)),
    )

    expect(refused).toEqual(['InvalidParameterException', 'InvalidParameterException'])
  })

  statement("a client may be called back at this machine by plain http, and by an app's own scheme", async () => {
    const CallbackURLs = ['http://localhost:3000/callback', 'myapp://callback']

    expect(await refusal(makeClient(withManagedLogin({ CallbackURLs })))).toBe('none')
  })

  statement('client_credentials without a secret is InvalidOAuthFlowException', async () => {
    const client = { GenerateSecret: false, AllowedOAuthFlows: ['client_credentials' as const] }

    expect(await refusal(makeClient(client))).toBe('InvalidOAuthFlowException')
  })

  // Recorded: "openid is not supported with client_credentials flow", hashicorp/terraform-provider-aws#4984.
  statement('client_credentials with a scope of users is InvalidOAuthFlowException', async () => {
    const client = withManagedLogin({ AllowedOAuthFlows: ['client_credentials'] })

    expect(await refusal(makeClient(client))).toBe('InvalidOAuthFlowException')
  })
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
