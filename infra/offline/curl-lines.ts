// The lines to paste that `npm run offline` prints; they hold the password of a user that is not there yet.
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { randomPassword } from '../../shared/random-password.ts'
import { secretHashOf } from '../local/sign-in.ts'
import type { Provisioned } from '../local/set-up/apply-templates.ts'
import { paint } from '../local/terminal.ts'

export type Served = {
  readonly app1Url: string
  readonly app2Url: string
  readonly awsUrl: string
  readonly cognito: CognitoIdentityProviderClient
  readonly provisioned: Pick<Provisioned, 'userPoolId' | 'serviceClientId'>
}

/** Lines that can be pasted into a POSIX shell as they are: a user, its token, /sample, and two refusals. */
export async function curlLines({ app1Url, app2Url, awsUrl, cognito, provisioned }: Served): Promise<string> {
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
      SECRET_HASH: await secretHashOf(cognito, { userPoolId, clientId, username }),
    },
  })
  const sample = JSON.stringify({ data: { request_id: 'r-1', payload: { hello: 'world' } } })
  const json = "-H 'content-type: application/json'"
  return [
    paint('bold', 'Create a user:'),
    `curl -sS ${app1Url}/create-service-user ${json} -d '${user}'`,
    '',
    paint('bold', 'Sign in as that user:'),
    `TOKEN=$(curl -sS ${awsUrl}/ -H 'x-amz-target: AWSCognitoIdentityProviderService.InitiateAuth' ` +
      `-H 'content-type: application/x-amz-json-1.1' -d '${auth}' ` +
      `| node -p 'JSON.parse(fs.readFileSync(0)).AuthenticationResult.AccessToken')`,
    '',
    paint('bold', 'Call /sample with its token:'),
    `curl -sS ${app2Url}/sample -H "authorization: Bearer $TOKEN" ${json} -d '${sample}'`,
    '',
    paint('bold', 'App2’s other route refuses that token (403), and /sample one that was altered (401):'),
    `curl -sS ${app2Url}/admin/create-user -H "authorization: Bearer $TOKEN" ${json} -d '{}'`,
    `curl -sS ${app2Url}/sample -H "authorization: Bearer \${TOKEN}A" ${json} -d '${sample}'`,
  ].join('\n')
}
