// `npm run demo`: starts the pair on free ports, creates a user, calls gated routes, ends the user, and tells what it saw.
import { randomPassword } from '#shared/text/random-text.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import { helpOption, readArgs } from '../cli/command-line.ts'
import type { Caller } from './demo/callers.ts'
import { callOf, differenceOf, gatedPaths, post, request, send, type Answer } from './demo/gated-routes.ts'
import type { HumanHeaders } from './demo/human.ts'
import type { Pair } from './pair.ts'
import { signIn } from './sign-in.ts'
import { authOption, readAuth, readEndpoint } from './start-options.ts'
import { failureText, paint, runMain, stepLine } from './terminal.ts'

const usage = `Usage: npm run demo -- [--auth MODE] [--sts-token-per-request] [--two-accounts] [--human]

Starts App1, App2 and a local AWS on free ports of this machine, has App1 create a user, calls gated routes of App2 with every credential, and ends the user.

  --auth MODE              how App1 proves who it is: password (if absent), client-credentials, client-token, sigv4 or sts-token
  --sts-token-per-request  with sts-token: each creation has a token of its own
  --two-accounts           App1 and App2 live in an account each
  --human                  each creation needs a token of the human behind it, who signs in at a pool of people
  --help                   this text

AWS_ENDPOINT_URL: see .env.example. It has to be on this machine, and the row of the expired token is left out there.
Exit code: 0 all as it should be; 1 something was not; 2 wrong usage.
`

const username = 'demo-service'
const password = randomPassword()

/** As the other steps name the human. */
const humanName = 'demo@example.com'

const dayMs = 24 * 3_600_000
/** A local AWS of one's own runs on a clock that can be set back, so that a token of the pool's own making is expired. */
let clockOffsetMs = 0

let allPassed = true
/** How often App1 got a token of its own, as its log says. */
let tokensOfApp1 = 0

/** One line; `run` resolves with what is wrong, or undefined. */
async function step(text: string, run: () => Promise<string | undefined>): Promise<void> {
  const startedAt = performance.now()
  const failure = await run().catch((error: unknown) => failureText(error))
  const passed = failure === undefined
  allPassed &&= passed
  console.log(stepLine({ passed, text, ms: performance.now() - startedAt }))
  if (!passed) console.log(`    ${paint('red', failure)}`)
}

const serviceToken = (pair: Pair): Promise<SecretValue> =>
  signIn(pair.clients.cognito, {
    userPoolId: pair.provisioned.userPoolId,
    clientId: pair.provisioned.serviceClientId,
    username,
    password,
  })

async function expiredToken(pair: Pair): Promise<SecretValue> {
  clockOffsetMs = -dayMs
  try {
    return await serviceToken(pair)
  } finally {
    clockOffsetMs = 0
  }
}

async function showCreation(pair: Pair, headers: HumanHeaders): Promise<void> {
  const create = async (
    user: { username: string; password: string },
    expected: Answer,
  ): Promise<string | undefined> => {
    const body = JSON.stringify({ ...user, human_user_id: humanName })
    return differenceOf(expected, await post(new URL(`${pair.app1Url}/create-service-user`), body, headers))
  }
  const user = { username, password: password.expose() }
  await step('App1 creates a service user (201)', () => create(user, { status: 201, code: undefined }))
  await step('the same user again is refused (409)', () => create(user, { status: 409, code: 'user_exists' }))
  await step('a weak password is refused (400)', () =>
    create({ username: 'demo-weak', password: 'password' }, { status: 400, code: 'weak_password' }),
  )
}

/** A user's end: nothing new from the moment of its disabling on, and nothing at all once it is deleted. */
async function showEnding(pair: Pair): Promise<void> {
  const path = `${pair.app1Url}/service-users/${username}`
  const ask = async (method: string, ending: string, expected: Answer): Promise<string | undefined> =>
    differenceOf(expected, await request(method, new URL(`${path}${ending}`)))
  console.log('')
  await step('App1 shows the user (200)', () => ask('GET', '', { status: 200, code: undefined }))
  await step('its deletion is refused while it is enabled (409)', () =>
    ask('DELETE', '', { status: 409, code: 'user_enabled' }),
  )
  await step('App1 disables it (200), and it signs in no more', async () => {
    const difference = await ask('POST', '/disable', { status: 200, code: undefined })
    if (difference !== undefined) return difference
    const refused = (error: unknown): string | undefined =>
      error instanceof Error && error.name === 'NotAuthorizedException' ? undefined : failureText(error)
    return serviceToken(pair).then(() => 'it signed in', refused)
  })
  await step('App1 deletes it (200)', () => ask('DELETE', '', { status: 200, code: undefined }))
  await step('there is no such user any more (404)', () => ask('GET', '', { status: 404, code: 'user_not_found' }))
}

const whoWidth = 38
const routeWidth = 20

/** One line for each caller: what each route said to it. `open` is App2's own code; a number is a refusal. */
async function showRoutes(pair: Pair, callers: readonly Caller[], headers: HumanHeaders): Promise<void> {
  const heads = gatedPaths.map((path) => path.padEnd(routeWidth)).join('')
  console.log(`\n    ${paint('bold', `${'Which credential opens what in App2'.padEnd(whoWidth)}${heads}`.trimEnd())}`)
  for (const caller of callers) {
    const startedAt = performance.now()
    const seen = await Promise.all(
      gatedPaths.map(async (path) => {
        const call = callOf(pair.app2Url, path)
        // The human's token is there for everybody: it opens nothing to whom the route is not open.
        const ofHuman = path === '/admin/create-user' ? headers : {}
        const sent = caller.credential(call).then((credential) => send(call, path, { ...credential, ...ofHuman }))
        return sent.catch((error: unknown) => failureText(error))
      }),
    )
    const passed = gatedPaths.every((path, index) => seen[index] === caller.expected[path])
    allPassed &&= passed
    const cells = seen.map((outcome) => String(outcome).padEnd(routeWidth)).join('')
    const text = `${caller.who.padEnd(whoWidth)}${cells}`
    console.log(stepLine({ passed, text, ms: performance.now() - startedAt }))
    const expected = gatedPaths.map((path) => `${path}: ${caller.expected[path]}`).join(', ')
    if (!passed) console.log(`    ${paint('red', `expected ${expected}`)}`)
  }
}

async function main(): Promise<void> {
  const values = readArgs({ options: { ...authOption, human: { type: 'boolean', default: false }, ...helpOption } })
  if (values.help) {
    process.stdout.write(usage)
    return
  }
  const auth = readAuth(values)
  const awsEndpoint = readEndpoint(process.env, { allowRemote: false, ...auth })
  // Not before: --help and wrong usage load no pair.
  const [
    { startPair },
    { localRoles },
    { callersOf },
    { generatedPasswordSteps },
    { twoAccountSteps },
    { humanHeaders, humanSteps },
  ] = await Promise.all([
    import('./pair.ts'),
    import('./local-signers.ts'),
    import('./demo/callers.ts'),
    import('./demo/generated-password.ts'),
    import('./demo/two-accounts.ts'),
    import('./demo/human.ts'),
  ])
  const startedAt = performance.now()
  console.log(paint('bold', 'Latchkey: App1 creates an account in App2, and every wrong credential is refused\n'))
  const pair = await startPair({
    ...auth,
    awsEndpoint,
    passwordReaders: [localRoles.worker],
    ...(values.human && { human: { identity: 'verified' } }),
    localAws: { now: () => Date.now() + clockOffsetMs },
    onOutput: (line) => {
      if (line.includes('"machine signed in"')) tokensOfApp1 += 1
    },
    onStep: (text) => {
      console.log(`  ${paint('dim', '·')} ${text}`)
    },
  })
  try {
    console.log('')
    const human = await pair.people?.newHuman(humanName)
    const headers = human ? humanHeaders((await human.signIn()).accessToken) : {}
    await showCreation(pair, headers)
    const ownClock = awsEndpoint === undefined
    await showRoutes(
      pair,
      callersOf(pair, {
        serviceToken: () => serviceToken(pair),
        ...(ownClock && { expiredToken: () => expiredToken(pair) }),
      }),
      headers,
    )
    if (!ownClock)
      console.log(paint('dim', '\n    An expired token is not shown: nobody sets back the clock of this AWS.'))
    console.log('')
    for (const { text, run } of generatedPasswordSteps(pair, headers)) await step(text, run)
    if (auth.twoAccounts) for (const { text, run } of twoAccountSteps(pair)) await step(text, run)
    if (human !== undefined) {
      console.log('')
      for (const { text, run } of humanSteps(pair, human)) await step(text, run)
    }
    await showEnding(pair)
    const ofApp1 = tokensOfApp1 === 1 ? '1 token' : `${tokensOfApp1 === 0 ? 'no' : tokensOfApp1} tokens`
    console.log(paint('dim', `\n    For all of this App1 asked for ${ofApp1} of its own.`))
  } finally {
    await pair.close()
  }
  console.log(paint('dim', '\n    open: App2’s own code answered. 401 and 403: turned away before it did anything.'))
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  console.log(
    allPassed
      ? paint('green', `\nAll as it should be, in ${seconds} s.`)
      : paint('red', '\nSomething went wrong: see ✗ above.'),
  )
  process.exitCode = allPassed ? 0 : 1
}

await runMain(main)
