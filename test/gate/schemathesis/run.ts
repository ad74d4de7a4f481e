// `npm run schemathesis -- COMMAND`: has Schemathesis call every operation of both documents on a running pair, for which
// schemathesis.toml says what it is held to.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { inWorker } from '#infra/emulators/gateway/lambda-function.ts'
import { post } from '#infra/local/demo/gated-routes.ts'
import { startPair, type Pair } from '#infra/local/pair.ts'
import { machineToken } from '#infra/local/machine-token.ts'
import { signIn } from '#infra/local/sign-in.ts'
import { runMain } from '#infra/local/terminal.ts'
import type { ClientKind } from '#shared/access-rules.ts'
import { routes, type App } from '#shared/routes.ts'
import { randomPassword } from '#shared/text/random-text.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'

const timeForAll = AbortSignal.timeout(90_000)

/** What is over a rate gets 429, and tests nothing. */
const unlimited = { CREATIONS_PER_SECOND: '1000', CHANGES_PER_SECOND: '1000' }

type Judgement = {
  readonly app: App
  readonly url: string
  /** None for App1, whose gateway takes every request for the allowed caller's. */
  readonly token?: SecretValue
  readonly operations: readonly string[]
}

/** Every operation once, with the credential that opens it. */
async function judgements(pair: Pair): Promise<Judgement[]> {
  const operationsFor = (client: ClientKind | undefined): string[] =>
    routes.app2
      .filter(({ access }) => (access === 'public' ? undefined : access.client) === client)
      .map(({ operation }) => operation)
  const app2 = { app: 'app2', url: pair.app2Url } as const
  return [
    { app: 'app1', url: pair.app1Url, operations: routes.app1.map(({ operation }) => operation) },
    { ...app2, operations: operationsFor(undefined) },
    { ...app2, operations: operationsFor('machine'), token: await machineToken(pair, 'password') },
    { ...app2, operations: operationsFor('service'), token: await serviceToken(pair) },
  ]
}

async function serviceToken(pair: Pair): Promise<SecretValue> {
  const username = 'schemathesis'
  const password = randomPassword()
  const user = { username, password: password.expose(), human_user_id: 'gate@example.com' }
  const { status } = await post(new URL(`${pair.app1Url}/create-service-user`), JSON.stringify(user))
  if (status !== 201) throw new Error(`no service user: App1 answered with ${status}`)
  const { userPoolId, serviceClientId: clientId } = pair.provisioned
  return signIn(pair.clients.cognito, { userPoolId, clientId, username, password })
}

/** The exit code. The token is in no argument, which others on this machine can read. Rejects when the time is over. */
async function judge(schemathesis: string, { app, url, token, operations }: Judgement): Promise<number> {
  const args = [
    ...['--config-file', pathOf('schemathesis.toml'), 'run', pathOf(`../../../docs/openapi/${app}.json`), '--url', url],
    ...operations.flatMap((operation) => ['--include-operation-id', operation]),
  ]
  const env = { ...process.env, APP2_TOKEN: token?.expose() ?? 'none' }
  const child = spawn(schemathesis, args, { stdio: 'inherit', env, signal: timeForAll, killSignal: 'SIGKILL' })
  const [code] = (await once(child, 'exit')) as [number | null]
  return code ?? 1
}

const pathOf = (file: string): string => fileURLToPath(new URL(file, import.meta.url))

async function main(): Promise<void> {
  const [schemathesis = 'schemathesis'] = process.argv.slice(2)
  const pair = await startPair({
    jobs: true,
    startFunction: ({ environment, ...definition }) =>
      inWorker({ ...definition, environment: { ...environment, ...unlimited } }),
  })
  try {
    for (const judgement of await judgements(pair)) {
      if ((await judge(schemathesis, judgement)) !== 0) process.exitCode = 1
    }
  } finally {
    await pair.close()
  }
}

await runMain(main)
