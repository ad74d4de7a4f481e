// `npm start`: the pair on fixed ports until Ctrl-C, with curl lines to paste. `-- --iam`: App1 takes signed requests
// alone. `-- --auth MODE`: how App1 proves to App2 who it is. See .env.example for its variables.
import { randomPassword } from '../../shared/random-password.ts'
import type { SigningCredential } from './gateway/signing-credential.ts'
import { region, startPair, type Pair } from './pair.ts'
import { toEnvironment } from './pair-credentials.ts'
import { secretHashOf } from './sign-in.ts'
import { authOption, readArgs, readEndpoint, readMachineAuth, readPort, UsageError } from './start-options.ts'
import { endWithClosedPipe, failureText, paint } from './terminal.ts'

/** Lines that can be pasted into a POSIX shell as they are (Git Bash or WSL on Windows). */
async function curlLines(pair: Pair): Promise<string> {
  const username = 'orders-worker'
  const password = randomPassword().expose()
  const { userPoolId, serviceClientId: clientId } = pair.provisioned
  const secretHash = await secretHashOf(pair.clients.cognito, { userPoolId, clientId, username })
  const user = JSON.stringify({ username, password, human_user_id: 'alice@example.com' })
  const auth = JSON.stringify({
    AuthFlow: 'USER_PASSWORD_AUTH',
    ClientId: clientId,
    AuthParameters: { USERNAME: username, PASSWORD: password, SECRET_HASH: secretHash },
  })
  const sample = JSON.stringify({ data: { request_id: 'r-1', payload: { hello: 'world' } } })
  const create = `-H 'content-type: application/json' -d '${user}'`
  return [
    paint('bold', 'Create a user:'),
    ...(pair.signers === undefined
      ? [`curl -sS ${pair.app1Url}/create-service-user ${create}`]
      : signedLines(pair, { ...pair.signers, create, username, password })),
    '',
    paint('bold', 'Sign in as that user:'),
    `TOKEN=$(curl -sS ${pair.awsUrl}/ -H 'x-amz-target: AWSCognitoIdentityProviderService.InitiateAuth' ` +
      `-H 'content-type: application/x-amz-json-1.1' -d '${auth}' ` +
      `| node -p 'JSON.parse(fs.readFileSync(0)).AuthenticationResult.AccessToken')`,
    '',
    paint('bold', 'Call /sample with its token:'),
    `curl -sS ${pair.app2Url}/sample -H "authorization: Bearer $TOKEN" -H 'content-type: application/json' -d '${sample}'`,
    '',
    paint('bold', 'The AWS command line works too:'),
    `AWS_ENDPOINT_URL=${pair.awsUrl} AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_DEFAULT_REGION=${region} \\`,
    `  aws cognito-idp admin-get-user --user-pool-id ${userPoolId} --username ${username}`,
  ].join('\n')
}

/** The credentials in them are random, known to this process alone, and good for nothing but its App1. */
function signedLines(
  pair: Pair,
  request: {
    readonly caller: SigningCredential
    readonly stranger: SigningCredential
    readonly create: string
    readonly username: string
    readonly password: string
  },
): string[] {
  const { caller, stranger, create, username, password } = request
  const curl = ({ accessKeyId, secretAccessKey, sessionToken = '' }: SigningCredential): string =>
    `curl -sS ${pair.app1Url}/create-service-user --aws-sigv4 'aws:amz:${region}:execute-api' ` +
    `--user '${accessKeyId}:${secretAccessKey}' -H 'x-amz-security-token: ${sessionToken}' ${create}`
  const variables = Object.entries(toEnvironment(caller)).map(([name, value]) => `${name}=${value}`)
  return [
    paint('dim', '# Signed (curl 7.75 or later). The credentials are random and good for this process alone.'),
    curl(caller),
    '',
    paint('bold', 'Or by the command that calls a deployed App1:'),
    `printf '%s' '${password}' | ${variables.join(' ')} \\`,
    `  npm run call -- --url ${pair.app1Url} --region ${region} --user ${username}-2 --human alice@example.com`,
    '',
    paint('bold', 'A role that is not on App1’s list is refused:'),
    curl(stranger),
  ]
}

async function main(): Promise<void> {
  const values = readArgs({
    options: {
      ...authOption,
      'allow-remote': { type: 'boolean', default: false },
      iam: { type: 'boolean', default: false },
    },
  })
  const machineAuth = readMachineAuth(values.auth)
  const pair = await startPair({
    machineAuth,
    awsEndpoint: readEndpoint(process.env, { allowRemote: values['allow-remote'], machineAuth }),
    iam: values.iam,
    ports: {
      app1: readPort(process.env, { name: 'PORT_APP1', standard: 4001 }),
      app2: readPort(process.env, { name: 'PORT_APP2', standard: 4002 }),
      aws: readPort(process.env, { name: 'PORT_AWS', standard: 4566 }),
    },
    onStep: (text) => {
      console.log(`  ${paint('dim', '·')} ${text}`)
    },
    onOutput: (line) => {
      console.log(line)
    },
  })
  console.log(
    `\n${await curlLines(pair)}\n\nThe log of both services follows. ${paint('dim', 'Ctrl-C stops everything.')}\n`,
  )

  const stop = (): void => {
    console.log('\nStopping.')
    void pair.close()
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

endWithClosedPipe()
await main().catch((error: unknown) => {
  console.error(paint('red', failureText(error)))
  process.exitCode = error instanceof UsageError ? 2 : 1
})
