// Signs a user in at the pool as a client of it would, for demo and tests; no service uses it.
import {
  DescribeUserPoolClientCommand,
  InitiateAuthCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import { secretHash } from '#shared/machine/machine-token-requests.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

export type SignInRequest = {
  readonly userPoolId: string
  readonly clientId: string
  readonly username: string
  readonly password: SecretValue
}

/** An access token of `username`. Throws what Cognito throws, and an Error when it answers with a challenge. */
export async function signIn(cognito: CognitoIdentityProviderClient, request: SignInRequest): Promise<SecretValue> {
  const { clientId, username, password } = request
  const answer = await cognito.send(
    new InitiateAuthCommand({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: clientId,
      AuthParameters: {
        USERNAME: username,
        PASSWORD: password.expose(),
        SECRET_HASH: await secretHashOf(cognito, request),
      },
    }),
  )
  const token = answer.AuthenticationResult?.AccessToken
  if (token === undefined) throw new Error(`no token: the pool answered with ${answer.ChallengeName ?? 'nothing'}`)
  return new SecretValue(token)
}

/** What Cognito asks of a client that has a secret. */
export async function secretHashOf(
  cognito: CognitoIdentityProviderClient,
  { userPoolId, clientId, username }: Omit<SignInRequest, 'password'>,
): Promise<string> {
  const { UserPoolClient: client } = await cognito.send(
    new DescribeUserPoolClientCommand({ UserPoolId: userPoolId, ClientId: clientId }),
  )
  if (client?.ClientSecret === undefined) throw new Error('the app client has no secret')
  return secretHash({
    username: new SecretValue(username),
    clientId,
    clientSecret: new SecretValue(client.ClientSecret),
  })
}
