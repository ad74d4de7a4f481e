// The lines of `npm start` by which somebody outside signs in as the machine; they name its secret and hold nothing of it.
import type { MachineAuth } from '#shared/machine/machine-auth.ts'
import { stsAudience } from '#shared/machine/sts-token.ts'
import { jsonHeader, signedBy } from './curl-lines.ts'
import { region, type Pair } from './pair.ts'
import { paint } from './terminal.ts'

/**
 * For a POSIX shell, one after another: they set SECRET and MACHINE_TOKEN. None with `sigv4`, which has neither; with `sts-token`
 * App1's credentials are its own, so that another role shows what STS gives.
 */
export function machineLines(
  pair: Pick<Pair, 'app2Url' | 'awsUrl' | 'modes' | 'provisioned' | 'app2Signers'>,
): string[] {
  const { app2Url, awsUrl, modes, provisioned, app2Signers } = pair
  if (modes.machineAuth === 'sts-token' && app2Signers !== undefined) {
    const ask = `Action=GetWebIdentityToken&Version=2011-06-15&Audience.member.1=${stsAudience(provisioned.userPoolId)}&SigningAlgorithm=RS256`
    return [
      paint('bold', 'STS gives a token to another role, too; App2 takes those of App1’s alone (401):'),
      `ROLE_TOKEN=$(curl -sS ${awsUrl}/${signedBy(app2Signers.stranger, region, 'sts')} -d '${ask}' ` +
        `| node -p '/<WebIdentityToken>(.*)<.WebIdentityToken>/.exec(fs.readFileSync(0))[1]')`,
      `printf '%s' "$ROLE_TOKEN" | node -p 'JSON.parse(Buffer.from(String(fs.readFileSync(0)).split(".")[1], "base64url"))'`,
      `curl -sS ${app2Url}/admin/create-user -H "authorization: Bearer $ROLE_TOKEN" ${jsonHeader} -d '{}'`,
    ]
  }
  const getToken = tokenPipeline(modes.machineAuth, { awsUrl, tokenEndpoint: provisioned.tokenEndpoint ?? '' })
  if (getToken === undefined) return []
  const read = JSON.stringify({ SecretId: provisioned.machineSecretArn })
  return [
    paint('bold', 'The machine’s credentials are in this secret:'),
    provisioned.machineSecretArn,
    `SECRET=$(curl -sS ${awsUrl}/ --aws-sigv4 'aws:amz:${region}:secretsmanager' --user local:local ` +
      `${amzJson('secretsmanager.GetSecretValue')} -d '${read}' | node -p 'JSON.parse(fs.readFileSync(0)).SecretString')`,
    '',
    paint('bold', 'Sign in as the machine, and call the admin route, which refuses nothing but the body:'),
    `MACHINE_TOKEN=$(printf '%s' "$SECRET" | ${getToken})`,
    `curl -sS ${app2Url}/admin/create-user -H "authorization: Bearer $MACHINE_TOKEN" ${jsonHeader} -d '{}'`,
  ]
}

const amzJson = (target: string): string => `-H 'x-amz-target: ${target}' -H 'content-type: application/x-amz-json-1.1'`

/** From the secret on the standard input to a token; no argument of a process holds a secret. */
function tokenPipeline(
  mode: MachineAuth,
  { awsUrl, tokenEndpoint }: { readonly awsUrl: string; readonly tokenEndpoint: string },
): string | undefined {
  const fromSecret = (expression: string): string => `node -p 's=JSON.parse(fs.readFileSync(0)); ${expression}'`
  const cognito = (operation: string): string =>
    `curl -sS ${awsUrl}/ ${amzJson(`AWSCognitoIdentityProviderService.${operation}`)} -d @-`
  const pick = (path: string): string => `node -p 'JSON.parse(fs.readFileSync(0)).${path}'`
  switch (mode) {
    case 'password': {
      const hash =
        'require("crypto").createHmac("sha256",s.client_secret).update(s.username+s.client_id).digest("base64")'
      const body =
        'JSON.stringify({AuthFlow:"USER_PASSWORD_AUTH",ClientId:s.client_id,' +
        `AuthParameters:{USERNAME:s.username,PASSWORD:s.password,SECRET_HASH:${hash}}})`
      return [fromSecret(body), cognito('InitiateAuth'), pick('AuthenticationResult.AccessToken')].join(' | ')
    }
    case 'client-token': {
      const body = 'JSON.stringify({ClientId:s.scope_client_id,Secret:s.scope_client_secret})'
      return [fromSecret(body), cognito('GetClientToken'), pick('ClientAuthenticationResult.AccessToken')].join(' | ')
    }
    case 'client-credentials': {
      const user = '"user = "+JSON.stringify(s.scope_client_id+":"+s.scope_client_secret)'
      const ask = `curl -sS ${tokenEndpoint} -K - -d grant_type=client_credentials`
      return [fromSecret(user), ask, pick('access_token')].join(' | ')
    }
    case 'sigv4':
    case 'sts-token':
      return undefined
  }
}
