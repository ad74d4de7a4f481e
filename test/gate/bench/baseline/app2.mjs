// Stands for an App2 that loads the Cognito client unbundled and decrypts with node:crypto: no KMS client, no framework, no
// schemas. It has less to load than Latchkey's create-user, which has Cognito and KMS; that is in its favour.
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import { createDecipheriv } from 'node:crypto'

const { AWS_REGION, ENCRYPTION_KEY, USER_POOL_ID: UserPoolId } = process.env
const cognito = new CognitoIdentityProviderClient({ region: AWS_REGION })

export async function handler(event) {
  console.log(`request ${event.httpMethod} ${event.path}`)
  if (event.path === '/health') return answer(200, { status: 'ok' })
  const { username: Username, encrypted_password } = JSON.parse(event.body)
  const Password = decrypt(encrypted_password)
  await cognito.send(new AdminCreateUserCommand({ UserPoolId, Username, MessageAction: 'SUPPRESS' }))
  await cognito.send(new AdminAddUserToGroupCommand({ UserPoolId, Username, GroupName: 'service-user' }))
  await cognito.send(new AdminSetUserPasswordCommand({ UserPoolId, Username, Password, Permanent: true }))
  return answer(201, { username: Username })
}

function decrypt(sealed) {
  const [iv, tag, data] = sealed.split('.').map((part) => globalThis.Buffer.from(part, 'base64'))
  const decipher = createDecipheriv('aes-256-gcm', ENCRYPTION_KEY, iv, { authTagLength: 16 })
  decipher.setAuthTag(tag)
  return decipher.update(data, undefined, 'utf8') + decipher.final('utf8')
}

function answer(statusCode, body) {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
