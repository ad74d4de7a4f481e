import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp2Client } from '#services/app1-provisioner/app2-client.ts'
import type { MachineAuthChoice } from '#services/app1-provisioner/config.ts'
import { createMachine } from '#services/app1-provisioner/machine/select-machine.ts'
import { createJwksFetcher } from '#shared/jwt/fetch-jwks.ts'
import { sendOnce } from '#shared/aws/send-once.ts'
import { createStepTimer } from '#shared/time/step-timer.ts'
import { farDeadline } from '#test/support/deadlines.ts'
import { listen } from '#test/support/listen.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { clientFields, passwordFields, storedMachineSecret, unsignedToken } from '#test/support/machine-secrets.ts'
import { createdUser } from '#shared/contract.ts'
import { createUserRequestBody } from '#test/support/requests.ts'
import { createSigner, jwksOf } from '#test/support/tokens.ts'

const signer = createSigner()
const token = unsignedToken({ scope: 'app2/users.create' })

const app2 = '/admin/create-user'

/** What the other side answers, by the operation of AWS's JSON protocol, or by the path. */
const answers: Readonly<Record<string, unknown>> = {
  GetSecretValue: { VersionId: 'v1', SecretString: storedMachineSecret({ ...passwordFields, ...clientFields }) },
  InitiateAuth: { AuthenticationResult: { AccessToken: token, RefreshToken: 'r', ExpiresIn: 300 } },
  RevokeToken: {},
  GetClientToken: { ClientAuthenticationResult: { AccessToken: token, ExpiresIn: 300 } },
  '/oauth2/token': { access_token: token, token_type: 'Bearer', expires_in: 300 },
  '/jwks.json': jwksOf(signer),
}

let url: string
/** The calls that were answered, and how each wanted its connection to end. */
let answered: [call: string, connection: string | undefined][]

beforeEach(async () => {
  answered = []
  const used = new WeakSet<Socket>()
  const listening = await listen((request, response) => {
    request.resume()
    // As a connection that went away while it was idle: nobody said so, and the next request on it gets no answer.
    if (used.has(request.socket)) return void request.socket.destroy()
    used.add(request.socket)
    const call = callOf(request)
    answered.push([call, request.headers.connection])
    response.writeHead(call === app2 ? 401 : 200).end(JSON.stringify(answers[call] ?? {}))
  })
  url = listening.url
  vi.stubEnv('AWS_ENDPOINT_URL', url)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
  return listening.close
})

function callOf({ headers, url: path = '' }: IncomingMessage): string {
  return String(headers['x-amz-target'] ?? path).replace(/^\w+\./, '')
}

/** Two sign-ins, with the secret read once: App2 refuses both tokens. */
async function askWithTwoTokens(machineAuth: MachineAuthChoice): Promise<void> {
  const logger = recordingLogger()
  const secretsManager = new SecretsManagerClient({ region: 'eu-west-1' })
  const config = { region: 'eu-west-1', userPoolId: 'eu-west-1_TestPool1', machineSecretArn: 'arn:canary', machineAuth }
  const machine = createMachine(config, { secretsManager, send: sendOnce, now: Date.now, logger })

  const asking = createApp2Client({ baseUrl: new URL(url) }).ask(
    '/admin/create-user',
    { makeBody: () => Promise.resolve(createUserRequestBody()), answer: createdUser, isAsked: () => true },
    {
      machine: await machine.current(farDeadline()),
      requestId: 'r',
      deadline: farDeadline(),
      timer: createStepTimer(() => 0),
    },
  )

  await expect(asking).rejects.toMatchObject({ reason: 'app2_refuses_our_token' })
  expect(logger.lines.filter(({ level }) => level !== 'info')).toEqual([])
}

const twice = async (call: () => Promise<unknown>): Promise<void> => {
  await call()
  await call()
}

describe('a call that is not repeated never meets a connection that may have died:', () => {
  it.each<[string, readonly string[], () => Promise<void>]>([
    ['mode password', ['InitiateAuth', 'RevokeToken', app2], () => askWithTwoTokens({ mode: 'password' })],
    ['mode client-token', ['GetClientToken', app2], () => askWithTwoTokens({ mode: 'client-token' })],
    [
      'mode client-credentials',
      ['/oauth2/token', app2],
      () => askWithTwoTokens({ mode: 'client-credentials', tokenEndpoint: new URL(`${url}/oauth2/token`) }),
    ],
    [
      'the keys of the pool',
      ['/jwks.json'],
      () => twice(() => createJwksFetcher({ send: sendOnce, jwksUri: `${url}/jwks.json` })('short')),
    ],
  ])('%s', async (_, calls, run) => {
    await run()

    const unrepeated = answered.filter(([call]) => call !== 'GetSecretValue')
    expect(unrepeated).toEqual([...calls, ...calls].map((call) => [call, 'close']))
  })
})
