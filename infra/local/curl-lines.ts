// The lines to paste that `npm start` prints; they hold the password of a user that is not there yet.
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { randomPassword } from '#shared/text/random-text.ts'
import type { Provisioned } from './set-up/apply-templates.ts'
import { secretHashOf } from './sign-in.ts'
import { paint } from './terminal.ts'

export type Served = {
  readonly app1Url: string
  readonly app2Url: string
  readonly awsUrl: string
  readonly clients: { readonly cognito: CognitoIdentityProviderClient }
  readonly provisioned: Pick<Provisioned, 'userPoolId' | 'serviceClientId'>
}

/** For a POSIX shell (Git Bash or WSL on Windows), one after another. The second one sets TOKEN. */
export type CurlLines = {
  readonly username: string
  readonly password: string
  /** What `create` sends, for a line of another kind. */
  readonly createOptions: string
  readonly create: string
  readonly signIn: readonly string[]
  readonly sample: readonly string[]
}

export const jsonHeader = "-H 'content-type: application/json'"
export const sampleOptions = `${jsonHeader} -d '${JSON.stringify({ data: { request_id: 'r-1', payload: { hello: 'world' } } })}'`

/** One user's way: made by App1, signed in at the pool, served by App2. */
export async function curlLines({ app1Url, app2Url, awsUrl, clients, provisioned }: Served): Promise<CurlLines> {
  const username = 'orders-worker'
  const password = randomPassword().expose()
  const { userPoolId, serviceClientId: clientId } = provisioned
  const user = JSON.stringify({ username, password, human_user_id: 'alice@example.com' })
  const auth = JSON.stringify({
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId: clientId,
    AuthParameters: {
      USERNAME: username,
      PASSWORD: password,
      SECRET_HASH: await secretHashOf(clients.cognito, { userPoolId, clientId, username }),
    },
  })
  const createOptions = `${jsonHeader} -d '${user}'`
  return {
    username,
    password,
    createOptions,
    create: `curl -sS ${app1Url}/create-service-user ${createOptions}`,
    signIn: [
      paint('bold', 'Sign in as that user:'),
      `TOKEN=$(curl -sS ${awsUrl}/ -H 'x-amz-target: AWSCognitoIdentityProviderService.InitiateAuth' ` +
        `-H 'content-type: application/x-amz-json-1.1' -d '${auth}' ` +
        `| node -p 'JSON.parse(fs.readFileSync(0)).AuthenticationResult.AccessToken')`,
    ],
    sample: [
      paint('bold', 'Call /sample with its token:'),
      `curl -sS ${app2Url}/sample -H "authorization: Bearer $TOKEN" ${sampleOptions}`,
    ],
  }
}
