// The lines to paste that `npm start` prints; they hold the password of a user that is not there yet.
import type { CognitoIdentityProviderClient } from '@aws-sdk/client-cognito-identity-provider'
import { humanTokenHeader } from '#shared/contract.ts'
import { randomPassword } from '#shared/text/random-text.ts'
import type { SigningCredential } from '../emulators/gateway/signing-credential.ts'
import { localRoles } from './local-signers.ts'
import type { Pair } from './pair.ts'
import { toEnvironment } from './pair-credentials.ts'
import type { Provisioned } from './set-up/apply-templates.ts'
import { secretHashOf } from './sign-in.ts'
import { paint } from './terminal.ts'

export type Served = {
  readonly app2Url: string
  readonly awsUrl: string
  readonly clients: { readonly cognito: CognitoIdentityProviderClient }
  readonly provisioned: Pick<Provisioned, 'userPoolId' | 'serviceClientId'>
}

/** For a POSIX shell (Git Bash or WSL on Windows), one after another. The second one sets TOKEN. */
export type CurlLines = {
  readonly username: string
  readonly password: string
  /** What a creation sends. */
  readonly createOptions: string
  readonly signIn: readonly string[]
  readonly sample: readonly string[]
}

export const jsonHeader = "-H 'content-type: application/json'"
export const sampleOptions = `${jsonHeader} -d '${JSON.stringify({ data: { request_id: 'r-1', payload: { hello: 'world' } } })}'`

/** One user's way: made by App1, signed in at the pool, served by App2. */
export async function curlLines({ app2Url, awsUrl, clients, provisioned }: Served): Promise<CurlLines> {
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

type Signed = Pick<Pair, 'app1Url' | 'signers' | 'provisioned'>
type Delivering = Signed & Pick<Pair, 'app2Url' | 'awsUrl' | 'readers'>

/** What `curl` adds to a request; the credentials are random, and good for nothing but this process' APIs. */
export function signedBy(signer: SigningCredential | undefined, region: string, service = 'execute-api'): string {
  if (signer === undefined) return ''
  const { accessKeyId, secretAccessKey, sessionToken = '' } = signer
  return (
    ` --aws-sigv4 'aws:amz:${region}:${service}' --user '${accessKeyId}:${secretAccessKey}' ` +
    `-H 'x-amz-security-token: ${sessionToken}'`
  )
}

export function creationLines(
  { app1Url, signers, provisioned: { region } }: Signed,
  { createOptions }: CurlLines,
): string[] {
  const curl = (signer?: SigningCredential): string =>
    `curl -sS ${app1Url}/create-service-user${signedBy(signer, region)} ${createOptions}`
  if (signers === undefined) return [curl()]
  return [
    paint('dim', '# Signed (curl 7.75 or later). The credentials are random and good for this process alone.'),
    curl(signers.caller),
    '',
    paint('bold', 'A role that may only read, and one that is not on App1’s list, are refused:'),
    curl(signers.reader),
    curl(signers.stranger),
  ]
}

/** A password that nobody sees: asked for, refused to a role that may not read it, and used by its one reader. */
export function generatedPasswordLines({
  app1Url,
  app2Url,
  awsUrl,
  signers,
  readers,
  provisioned,
}: Delivering): string[] {
  // Elsewhere nobody here has the reader's credentials.
  if (readers === undefined) return []
  const { region } = provisioned
  const user = { username: 'orders-generated', human_user_id: 'alice@example.com' }
  const body = JSON.stringify({ ...user, password: { generate: { deliver_to: localRoles.worker } } })
  const read = (reader: SigningCredential): string =>
    `curl -sS ${awsUrl}/${signedBy(reader, region, 'secretsmanager')} -H 'x-amz-target: secretsmanager.GetSecretValue' ` +
    `-H 'content-type: application/x-amz-json-1.1' -d "{\\"SecretId\\":\\"$USER_SECRET\\"}"`
  const field = (name: string): string => `node -p 'JSON.parse(fs.readFileSync(0)).${name}'`
  return [
    paint('bold', 'A password that nobody sees: App2 makes it for one role, which alone can read it:'),
    `USER_SECRET=$(curl -sS ${app1Url}/create-service-user${signedBy(signers?.caller, region)} ${jsonHeader} -d '${body}' | ${field('secret_arn')})`,
    read(readers.stranger),
    `${read(readers.worker)} | ${field('SecretString')} | AWS_ENDPOINT_URL=${awsUrl} APP2_URL=${app2Url} ` +
      'AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local node_modules/.bin/node docs/examples/service-user.ts',
    '',
  ]
}

/** A creation in the name of a human, who signs in at the pool of people first. Sets HUMAN_TOKEN. */
export async function humanLines(pair: Signed & Pick<Pair, 'awsUrl' | 'people'>): Promise<string[]> {
  const { app1Url, awsUrl, people, signers, provisioned } = pair
  if (people === undefined) return []
  const { username, password } = await people.newHuman('alice@example.com')
  const auth = JSON.stringify({
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId: people.clientId,
    AuthParameters: { USERNAME: username, PASSWORD: password.expose() },
  })
  const user = JSON.stringify({ username: 'orders-verified', password: randomPassword().expose() })
  return [
    paint(
      'bold',
      'A human signs in, and a user is made in that human’s name, which the token proves (human_proof: verified):',
    ),
    paint(
      'dim',
      '# A line with human_user_id alone is taken as claimed; `npm run demo -- --human` shows humanIdentity=verified, which refuses it.',
    ),
    `HUMAN_TOKEN=$(curl -sS ${awsUrl}/ -H 'x-amz-target: AWSCognitoIdentityProviderService.InitiateAuth' ` +
      `-H 'content-type: application/x-amz-json-1.1' -d '${auth}' ` +
      `| node -p 'JSON.parse(fs.readFileSync(0)).AuthenticationResult.AccessToken')`,
    `curl -sS ${app1Url}/create-service-user${signedBy(signers?.caller, provisioned.region)} ${jsonHeader} ` +
      `-H "${humanTokenHeader}: $HUMAN_TOKEN" -d '${user}'`,
    `curl -sS ${app1Url}/service-users/orders-verified${signedBy(signers?.caller, provisioned.region)}`,
    '',
  ]
}

/** Many users by one request: what would become of it, then the job itself, and how far it is. */
export function jobLines({ app1Url, signers, provisioned: { region } }: Signed): string[] {
  const signed = signedBy(signers?.caller, region)
  const rows = ['a', 'b', 'c'].map((name) => ({
    username: `orders-${name}`,
    human_user_id: 'alice@example.com',
    password: { generate: { deliver_to: localRoles.worker } },
  }))
  const post = (path: string): string =>
    `curl -sS '${app1Url}${path}'${signed} ${jsonHeader} -H 'idempotency-key: job-1' -d '${JSON.stringify({ rows })}'`
  return [
    paint('bold', 'Many users by one request: a dry run, the job, how far it is, and its rows:'),
    post('/jobs?dry_run=true'),
    `JOB=$(${post('/jobs')} | node -p 'JSON.parse(fs.readFileSync(0)).job_id')`,
    `curl -sS "${app1Url}/jobs/$JOB"${signed}`,
    `curl -sS "${app1Url}/jobs/$JOB/rows?state=done"${signed}`,
  ]
}

/** The life of the user that was created, by curl; and of another by the operators' command, as App1's caller. */
export function lifeLines({ app1Url, signers, provisioned: { region } }: Signed, lines: CurlLines): string[] {
  const { username, password } = lines
  const user = `/service-users/${username}`
  const curl = (method: string, path: string, options = ''): string =>
    `curl -sS -X ${method} '${app1Url}${path}'${signedBy(signers?.caller, region)}${options}`
  const unsigned = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_SESSION_TOKEN: '' }
  const variables = Object.entries(signers === undefined ? unsigned : toEnvironment(signers.caller))
  const environment = variables.map(([name, value]) => `${name}=${value}`).join(' ')
  return [
    paint(
      'bold',
      'Read it, list it, disable and enable it, give it a password; it is not deleted while it is enabled:',
    ),
    curl('GET', user),
    curl('GET', `/service-users?prefix=${username}`),
    curl('POST', `${user}/disable`),
    curl('POST', `${user}/enable`),
    curl('POST', `${user}/reset-password`, ` ${jsonHeader} -d '${JSON.stringify({ password })}'`),
    curl('DELETE', user),
    '',
    paint('bold', 'A user’s life by the operators’ command:'),
    `users() { ${environment} npm run --silent users -- "$@" --url ${app1Url} --region ${region}; }`,
    `printf '%s' '${password}' | users create ${username}-2 --human alice@example.com`,
    `users show ${username}-2`,
    'users list',
    `users disable ${username}-2`,
    `users enable ${username}-2`,
    `users delete ${username}-2 --force --yes`,
  ]
}
