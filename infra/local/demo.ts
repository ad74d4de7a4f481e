// `npm run demo`: starts the pair on free ports, creates a user, knocks at every door, and tells what it saw.
import { parseArgs } from 'node:util'
import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { randomPassword } from '../../shared/random-password.ts'
import { SecretValue } from '../../shared/secret-value.ts'
import { startPair, type Pair } from './pair.ts'
import { signIn } from './sign-in.ts'
import { endWithClosedPipe, failureText, paint, stepLine } from './terminal.ts'

/** What a knock at a door should find: the status, and the code of the problem document for a refusal. */
type Expected = { readonly status: number; readonly code?: string }

type Door = { readonly url: string; readonly token?: SecretValue; readonly body: unknown }

const username = 'demo-service'
const password = randomPassword()
const humanUserId = 'demo@example.com'

/** Local AWS runs on a clock that can be set back, so that a token of the pool's own making is expired. */
let clockOffsetMs = 0

let allPassed = true

async function step(text: string, run: () => Promise<string | undefined>): Promise<void> {
  const startedAt = performance.now()
  const failure = await run().catch((error: unknown) => failureText(error))
  const passed = failure === undefined
  allPassed &&= passed
  console.log(stepLine({ passed, text, ms: performance.now() - startedAt }))
  if (!passed) console.log(`    ${paint('red', failure)}`)
}

/** Undefined when the door answers as expected, else what it did instead. */
async function knock(door: Door, expected: Expected): Promise<string | undefined> {
  const response = await fetch(door.url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(door.token && { authorization: `Bearer ${door.token.expose()}` }),
    },
    body: JSON.stringify(door.body),
    signal: AbortSignal.timeout(30_000),
  })
  const answer: unknown = await response.json()
  const code = typeof answer === 'object' && answer !== null && 'code' in answer ? String(answer.code) : undefined
  if (response.status === expected.status && code === expected.code) return undefined
  return `expected ${expected.status} ${expected.code ?? ''}, got ${response.status} ${code ?? ''}`
}

async function machineToken(pair: Pair): Promise<SecretValue> {
  const { SecretString } = await pair.clients.secrets.send(
    new GetSecretValueCommand({ SecretId: pair.provisioned.machineSecretArn }),
  )
  const secret = JSON.parse(SecretString ?? '{}') as { username: string; password: string }
  return signIn(pair.clients.cognito, {
    userPoolId: pair.provisioned.userPoolId,
    clientId: pair.provisioned.machineClientId,
    username: secret.username,
    password: new SecretValue(secret.password),
  })
}

const serviceToken = (pair: Pair): Promise<SecretValue> =>
  signIn(pair.clients.cognito, {
    userPoolId: pair.provisioned.userPoolId,
    clientId: pair.provisioned.serviceClientId,
    username,
    password,
  })

/** The same token with `api-client` written into its groups, and the signature left as it was. */
function forge(token: SecretValue): SecretValue {
  const [header = '', payload = '', signature = ''] = token.expose().split('.')
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>
  const forged = { ...claims, 'cognito:groups': ['api-client', 'service-user'] }
  return new SecretValue([header, Buffer.from(JSON.stringify(forged)).toString('base64url'), signature].join('.'))
}

async function showPair(pair: Pair): Promise<void> {
  const create = {
    url: `${pair.app1Url}/create-service-user`,
    body: { username, password: password.expose(), human_user_id: humanUserId },
  }
  const admin = { url: `${pair.app2Url}/admin/create-user`, body: {} }
  const sample = {
    url: `${pair.app2Url}/sample`,
    body: { data: { request_id: 'demo-1', payload: { hello: 'world' } } },
  }
  const wrongGroup = { status: 403, code: 'forbidden' }
  const badToken = { status: 401, code: 'unauthorized' }

  await step('the machine user exists and signs in', async () => {
    await machineToken(pair)
    return undefined
  })
  await step('App1 creates a service user (201)', () => knock(create, { status: 201 }))
  await step('the service user signs in and is served by /sample (200)', async () =>
    knock({ ...sample, token: await serviceToken(pair) }, { status: 200 }),
  )
  await step('the service user is refused /admin/create-user (403)', async () =>
    knock({ ...admin, token: await serviceToken(pair) }, wrongGroup),
  )
  await step('the machine user is refused /sample (403)', async () =>
    knock({ ...sample, token: await machineToken(pair) }, wrongGroup),
  )
  await step('no token is refused (401)', () => knock(sample, badToken))
  await step('a forged token is refused (401)', async () =>
    knock({ ...admin, token: forge(await serviceToken(pair)) }, badToken),
  )
  await step('an expired token is refused (401)', async () => {
    clockOffsetMs = -24 * 3_600_000
    const token = await serviceToken(pair)
    clockOffsetMs = 0
    return knock({ ...sample, token }, badToken)
  })
  await step('the same user again is refused (409)', () => knock(create, { status: 409, code: 'user_exists' }))
  await step('a weak password is refused (400)', () =>
    knock(
      { ...create, body: { ...create.body, username: 'demo-weak', password: 'password' } },
      { status: 400, code: 'weak_password' },
    ),
  )
}

async function main(): Promise<void> {
  parseArgs({ options: {} })
  const startedAt = performance.now()
  console.log(paint('bold', 'Latchkey: App1 creates an account in App2, and every wrong door stays closed\n'))
  const pair = await startPair({
    localAws: { now: () => Date.now() + clockOffsetMs },
    onStep: (text) => {
      console.log(`  ${paint('dim', '·')} ${text}`)
    },
  })
  try {
    console.log('')
    await showPair(pair)
  } finally {
    await pair.close()
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(
    allPassed
      ? paint('green', `\nAll as it should be, in ${seconds} s.`)
      : paint('red', '\nSomething went wrong: see ✗ above.'),
  )
  process.exitCode = allPassed ? 0 : 1
}

endWithClosedPipe()
await main().catch((error: unknown) => {
  console.error(paint('red', failureText(error)))
  process.exitCode = 1
})
