// A user pool of people beside the pair's own, for one machine: with a front end's client, and whom it signs in.
import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CreateUserPoolClientCommand,
  CreateUserPoolCommand,
  InitiateAuthCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import { issuerOf } from '#shared/aws/issuer.ts'
import { randomPassword } from '#shared/text/random-text.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

export type HumanPool = {
  readonly userPoolId: string
  readonly clientId: string
  /** As `HUMAN_ISSUERS` has it: its access tokens name a human by `username`. */
  readonly entry: string
  /** Of somebody who is made for this. */
  readonly newHuman: (username: string) => Promise<Human>
}

export type Human = {
  readonly username: string
  readonly password: SecretValue
  readonly signIn: () => Promise<HumanTokens>
}

/** The ID token is for the front end alone: nothing behind it takes one. */
export type HumanTokens = { readonly accessToken: SecretValue; readonly idToken: SecretValue }

/** Rejects with what Cognito rejects with. */
export async function makeHumanPool(cognito: CognitoIdentityProviderClient): Promise<HumanPool> {
  const { UserPool: pool } = await cognito.send(new CreateUserPoolCommand({ PoolName: 'people' }))
  const userPoolId = pool?.Id ?? ''
  const { UserPoolClient: client } = await cognito.send(
    new CreateUserPoolClientCommand({
      UserPoolId: userPoolId,
      ClientName: 'portal',
      ExplicitAuthFlows: ['ALLOW_USER_PASSWORD_AUTH', 'ALLOW_REFRESH_TOKEN_AUTH'],
    }),
  )
  const clientId = client?.ClientId ?? ''
  return {
    userPoolId,
    clientId,
    entry: `${issuerOf(userPoolId)}#username=${clientId}`,
    newHuman: async (username) => {
      const password = randomPassword()
      const user = { UserPoolId: userPoolId, Username: username }
      await cognito.send(new AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS' }))
      await cognito.send(new AdminSetUserPasswordCommand({ ...user, Password: password.expose(), Permanent: true }))
      const signIn = new InitiateAuthCommand({
        AuthFlow: 'USER_PASSWORD_AUTH',
        ClientId: clientId,
        AuthParameters: { USERNAME: username, PASSWORD: password.expose() },
      })
      return {
        username,
        password,
        signIn: async () => {
          const { AuthenticationResult: result } = await cognito.send(signIn)
          return {
            accessToken: new SecretValue(result?.AccessToken ?? ''),
            idToken: new SecretValue(result?.IdToken ?? ''),
          }
        },
      }
    },
  }
}
