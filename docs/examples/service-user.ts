// A service user: it signs in at the pool with the password that it was created with, keeps its token until shortly
// before the end, and calls /sample. It imports nothing of Latchkey, so it can be copied as it stands.
// Node 22.18 or newer runs it.
//
//   APP2_URL=https://….execute-api.eu-west-1.amazonaws.com/dev node docs/examples/service-user.ts <credentials.json
//
// credentials.json, as the secret of a generated password has it, or as one keeps it in a secret of one’s own:
//   {"username":"…","password":"…","region":"eu-west-1","client_id":"…","client_secret":"…"}
import { CognitoIdentityProviderClient, InitiateAuthCommand } from '@aws-sdk/client-cognito-identity-provider'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'

type Credentials = Readonly<Record<'username' | 'password' | 'region' | 'client_id' | 'client_secret', string>>
type Token = { readonly value: string; readonly renewAtMs: number }

const credentials = JSON.parse(readFileSync(0, 'utf8')) as Credentials
// A wrong password counts towards Cognito's lock-out: it is never tried twice, nor over a connection that may have died
// while it was idle.
const cognito = new CognitoIdentityProviderClient({
  region: credentials.region,
  maxAttempts: 1,
  requestHandler: { httpAgent: { keepAlive: false }, httpsAgent: { keepAlive: false } },
})
let token: Token | undefined

/** InitiateAuth, with the hash that a client with a secret owes: HMAC-SHA-256 of username and client id. */
async function signIn(): Promise<Token> {
  const { username, password, client_id, client_secret } = credentials
  const SECRET_HASH = createHmac('sha256', client_secret)
    .update(username + client_id)
    .digest('base64')
  const { AuthenticationResult: result } = await cognito.send(
    new InitiateAuthCommand({
      AuthFlow: 'USER_PASSWORD_AUTH',
      ClientId: client_id,
      AuthParameters: { USERNAME: username, PASSWORD: password, SECRET_HASH },
    }),
  )
  if (result?.AccessToken === undefined) throw new Error('the pool asks for more than a password')
  return { value: result.AccessToken, renewAtMs: Date.now() + (result.ExpiresIn ?? 0) * 750 }
}

/** The answer of /sample. A token that is refused is replaced once: it may have been revoked before its end. */
async function callSample(data: { request_id: string; payload: unknown }): Promise<Response> {
  for (const lastTry of [false, true]) {
    if (token === undefined || token.renewAtMs <= Date.now()) token = await signIn()
    const response = await fetch(`${process.env['APP2_URL'] ?? ''}/sample`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token.value}`, 'content-type': 'application/json', connection: 'close' },
      body: JSON.stringify({ data }),
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
    })
    if (response.status !== 401 || lastTry) return response
    token = undefined
  }
  throw new Error('unreachable')
}

const response = await callSample({ request_id: 'r-1', payload: { hello: 'world' } })
console.log(response.status, await response.text())
process.exitCode = response.ok ? 0 : 1
