import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createApp2Client } from '#services/app1-provisioner/app2-client.ts'
import type { MachineAuthChoice } from '#services/app1-provisioner/machine/machine-auth-choice.ts'
import { createMachine } from '#services/app1-provisioner/machine/select-machine-identity.ts'
import { createJwksFetcher } from '#services/app2-accounts/authorizer/fetch-jwks.ts'
import { fetchOnce, sendOnce } from '#shared/fetch-once.ts'
import { farDeadline } from '../../support/deadlines.ts'
import { recordingLogger } from '../../support/logger.ts'
import { clientFields, passwordFields, storedMachineSecret, unsignedToken } from '../../support/machine-secrets.ts'
import { createdUserBody, createUserRequestBody } from '../../support/requests.ts'
import { createSigner, jwksOf } from '../../support/tokens.ts'

const signer = createSigner()
const token = unsignedToken({ scope: 'app2/users.create' })

/** What the other side answers, by the operation of AWS's JSON protocol, or by the path. */
const answers: Readonly<Record<string, unknown>> = {
  GetSecretValue: { VersionId: 'v1', SecretString: storedMachineSecret({ ...passwordFields, ...clientFields }) },
  InitiateAuth: { AuthenticationResult: { AccessToken: token, RefreshToken: 'r', ExpiresIn: 300 } },
  RevokeToken: {},
  GetClientToken: { ClientAuthenticationResult: { AccessToken: token, ExpiresIn: 300 } },
  '/oauth2/token': { access_token: token, token_type: 'Bearer', expires_in: 300 },
  '/admin/create-user': createdUserBody(),
  '/jwks.json': jwksOf(signer),
}

let server: Server
let url: string
/** The calls that were answered, and how each wanted its connection to end. */
let answered: [call: string, connection: string | undefined][]

beforeEach(async () => {
  answered = []
  const used = new WeakSet<Socket>()
  server = createServer((request, response) => {
    request.resume()
    // As a connection that went away while it was idle: nobody said so, and the next request on it gets no answer.
    if (used.has(request.socket)) return void request.socket.destroy()
    used.add(request.socket)
    const call = callOf(request)
    answered.push([call, request.headers.connection])
    response.writeHead(call === '/admin/create-user' ? 201 : 200).end(JSON.stringify(answers[call]))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  vi.stubEnv('AWS_ENDPOINT_URL', url)
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'local')
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local')
})

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

function callOf({ headers, url: path = '' }: IncomingMessage): string {
  return String(headers['x-amz-target'] ?? path).replace(/^\w+\./, '')
}

/** A token, and another one in its place: two sign-ins, with the secret read once. */
async function signInTwice(machineAuth: MachineAuthChoice): Promise<void> {
  const logger = recordingLogger()
  const secretsManager = new SecretsManagerClient({ region: 'eu-west-1' })
  const config = { region: 'eu-west-1', machineSecretArn: 'arn:canary', machineAuth }
  const { identity } = createMachine(config, { secretsManager, fetch: sendOnce, now: Date.now, logger })

  await (await identity.prove(farDeadline())).renew(farDeadline())

  expect(logger.lines.filter(({ level }) => level !== 'info')).toEqual([])
}

const unsigned = {
  refusedWith: 401,
  addTo: ({ headers }: { headers: Readonly<Record<string, string>> }) => Promise.resolve(headers),
  renew: () => expect.fail(),
} as const

const twice = async (call: () => Promise<unknown>): Promise<void> => {
  await call()
  await call()
}

describe('a call that is not repeated never meets a connection that may have died:', () => {
  it.each<[string, readonly string[], () => Promise<void>]>([
    ['mode password', ['InitiateAuth', 'RevokeToken'], () => signInTwice({ mode: 'password' })],
    ['mode client-token', ['GetClientToken'], () => signInTwice({ mode: 'client-token' })],
    [
      'mode client-credentials',
      ['/oauth2/token'],
      () => signInTwice({ mode: 'client-credentials', tokenEndpoint: new URL(`${url}/oauth2/token`) }),
    ],
    [
      'App1 to App2',
      ['/admin/create-user'],
      () => {
        const app2 = createApp2Client({ fetch: sendOnce, baseUrl: new URL(url) })
        const call = { proof: unsigned, deadline: farDeadline(), requestId: 'r' }
        return twice(() => app2.createUser(createUserRequestBody(), call))
      },
    ],
    [
      'the keys of the pool',
      ['/jwks.json'],
      () => twice(() => createJwksFetcher({ fetch: fetchOnce, jwksUri: `${url}/jwks.json` })('short')),
    ],
  ])('%s', async (_, calls, run) => {
    await run()

    const unrepeated = answered.filter(([call]) => call !== 'GetSecretValue')
    expect(unrepeated).toEqual([...calls, ...calls].map((call) => [call, 'close']))
  })
})
