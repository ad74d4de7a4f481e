// Stands for an App1 that loads the Cognito client unbundled and encrypts with node:crypto: no KMS client, no framework, no
// schemas. It has less to load than Latchkey's App1, which has Cognito, Secrets Manager and KMS; that is in its favour.
import { CognitoIdentityProviderClient, InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider'
import { createCipheriv, randomBytes } from 'node:crypto'

const { APP2_URL, AWS_REGION, CLIENT_ID, ENCRYPTION_KEY, MACHINE_PASSWORD, MACHINE_USERNAME } = process.env
const cognito = new CognitoIdentityProviderClient({ region: AWS_REGION })

export async function handler(event) {
  console.log(`request ${event.routeKey}`)
  if (event.routeKey === 'GET /health') return answer(200, { status: 'ok' })
  const { username, password, human_user_id } = JSON.parse(event.body)
  const signIn = new InitiateAuthCommand({
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId: CLIENT_ID,
    AuthParameters: { USERNAME: MACHINE_USERNAME, PASSWORD: MACHINE_PASSWORD },
  })
  const { AuthenticationResult } = await cognito.send(signIn)
  const response = await globalThis.fetch(`${APP2_URL}/admin/create-user`, {
    method: 'POST',
    headers: { authorization: `Bearer ${AuthenticationResult.AccessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ username, human_user_id, encrypted_password: encrypt(password) }),
  })
  return answer(response.status, await response.json())
}

function encrypt(text) {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', ENCRYPTION_KEY, iv)
  const sealed = [cipher.update(text, 'utf8'), cipher.final()]
  return [iv, cipher.getAuthTag(), ...sealed].map((part) => part.toString('base64')).join('.')
}

function answer(statusCode, body) {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
