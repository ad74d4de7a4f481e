// What the reader of a generated password does: it reads the user's secret and signs in with what that holds, and nothing else.
import { InitiateAuthCommand, type CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import * as z from 'zod/mini'
import { secretHash } from '#shared/machine/machine-token-requests.ts'
import { SecretValue } from '#shared/text/secret-value.ts'

const deliveredPassword = z.strictObject({
  username: z.string(),
  password: z.string(),
  user_pool_id: z.string(),
  region: z.string(),
  client_id: z.string(),
  client_secret: z.string(),
})

export type DeliveredPassword = z.infer<typeof deliveredPassword>

/** `secrets` has the reader's credentials. Undefined for a version that holds no password. Rejects with AWS's errors. */
export async function readDelivered(
  secrets: SecretsManagerClient,
  secretId: string,
  versionId?: string,
): Promise<DeliveredPassword | undefined> {
  const command = new GetSecretValueCommand({ SecretId: secretId, VersionId: versionId })
  const { SecretString = '' } = await secrets.send(command)
  return /^{("turn":"[^"]*")?}$/.test(SecretString) ? undefined : deliveredPassword.parse(JSON.parse(SecretString))
}

/** An access token; undefined for a challenge. Rejects with Cognito's errors. */
export async function signInWith(
  cognito: CognitoIdentityProviderClient,
  delivered: DeliveredPassword,
): Promise<string | undefined> {
  const { username, password, client_id: clientId, client_secret: clientSecret } = delivered
  const hash = secretHash({
    username: new SecretValue(username),
    clientId,
    clientSecret: new SecretValue(clientSecret),
  })
  const answer = await cognito.send(
    new InitiateAuthCommand({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: clientId,
      AuthParameters: { USERNAME: username, PASSWORD: password, SECRET_HASH: hash },
    }),
  )
  return answer.AuthenticationResult?.AccessToken
}
