import { AdminSetUserPasswordCommand } from '@aws-sdk/client-cognito-identity-provider'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Fault, FaultKind } from '../../infra/local/aws/faults.ts'
import type { SecretValue } from '../../shared/secret-value.ts'
import {
  bearer,
  machineToken,
  machineUser,
  post,
  serviceToken,
  startInProcessPair,
  type InProcessPair,
} from '../support/in-process-pair.ts'
import { createUserRequestBody, serviceUserRequest } from '../support/requests.ts'
import { secretsFoundIn } from '../support/search-secrets.ts'

const userPassword = 'Canary-Password-for-users-1'
const weakPassword = 'canary weak password'
const badToken = 'Y2FuYXJ5.Y2FuYXJ5dG9rZW4.Y2FuYXJ5c2lnbmF0dXJl'

let running: InProcessPair
/** Every answer that the pair gives. */
let given = ''

async function tell(url: string, body: unknown, headers: Record<string, string> = {}): Promise<number> {
  const answer = await post(url, body, headers)
  given += `${answer.text} ${JSON.stringify([...answer.headers])}`
  return answer.status
}

beforeAll(async () => {
  running = await startInProcessPair()
})

afterAll(async () => {
  await running.close()
})

const create = (changes: Record<string, unknown> = {}): Promise<number> =>
  tell(`${running.pair.app1Url}/create-service-user`, serviceUserRequest({ password: userPassword, ...changes }))

const app2 = (path: string, token: SecretValue | string | undefined, body: unknown = {}): Promise<number> =>
  tell(
    `${running.pair.app2Url}${path}`,
    body,
    typeof token === 'object' ? bearer(token) : token === undefined ? {} : { authorization: `Bearer ${token}` },
  )

const fault = (operation: string, kind: FaultKind, when: Fault['when'] = 'before'): Fault => ({
  operation,
  kind,
  when,
  calls: { next: 3 },
})

/** What can fail in a creation while App1 has its token, in every way that does not have to be waited for. */
const failingCreations: readonly (readonly Fault[])[] = [
  ...['AdminCreateUser', 'AdminAddUserToGroup', 'AdminSetUserPassword', 'Encrypt', 'Decrypt'].flatMap((operation) => [
    ...(['throttled', 'internal_error', 'access_denied', 'connection_reset'] as const).map((kind) => [
      fault(operation, kind),
    ]),
    [fault(operation, 'internal_error', 'after')],
  ]),
  [fault('AdminAddUserToGroup', 'access_denied'), fault('AdminGetUser', 'access_denied')],
  [fault('AdminAddUserToGroup', 'access_denied'), fault('AdminDeleteUser', 'access_denied')],
  [fault('AdminCreateUser', 'internal_error', 'after'), fault('AdminGetUser', 'throttled')],
]

/** What can fail on the way to a token. */
const failingSignIns: readonly Fault[] = ['GetSecretValue', 'InitiateAuth', 'RevokeToken'].flatMap((operation) => [
  fault(operation, 'throttled'),
  fault(operation, 'access_denied'),
  fault(operation, 'internal_error', 'after'),
])

/** Creates a user through an App1 that has seen nothing yet: it has to read the secret and to sign in. */
async function createFromCold(username: string): Promise<number> {
  vi.resetModules()
  const { handler } = await import('../../services/app1-provisioner/handler.ts')
  const event = {
    version: '2.0',
    routeKey: 'POST /create-service-user',
    headers: { 'content-type': 'application/json' },
    requestContext: {
      http: { method: 'POST', path: '/create-service-user' },
      authorizer: { iam: { userArn: 'arn:aws:sts::123456789012:assumed-role/local-caller/s' } },
    },
    body: JSON.stringify(serviceUserRequest({ username, password: userPassword })),
    isBase64Encoded: false,
  }
  const context = { awsRequestId: 'x', getRemainingTimeInMillis: () => 29_000 }
  const answer = await handler(event as never, context as never)
  given += JSON.stringify(answer)
  return answer.statusCode
}

describe('secrets', () => {
  it('stand in no answer and no log line, on any path, in plain, base64, hex or URL encoding', async () => {
    const statuses: number[] = []

    // The way that goes well, and every refusal on it.
    statuses.push(await create({ username: 'leak-1' }))
    const service = await serviceToken(running.pair, 'leak-1', userPassword)
    const machine = await machineToken(running.pair)
    statuses.push(await app2('/sample', service, { data: { request_id: 'r', payload: 1 } }))
    for (const token of [service, machine, badToken, undefined]) {
      statuses.push(await app2('/sample', token), await app2('/admin/create-user', token))
    }
    statuses.push(
      await app2('/admin/create-user', machine, createUserRequestBody({ encrypted_password: userPassword })),
    )
    statuses.push(await create({ username: 'leak-1' }), await create({ password: weakPassword }))
    statuses.push(await create({ username: userPassword, extra: userPassword, human_user_id: `${userPassword} ` }))
    statuses.push(await tell(`${running.pair.app1Url}/create-service-user`, `{"password": ${userPassword}`))

    for (const [index, faults] of failingCreations.entries()) {
      running.aws.setFaults(faults)
      statuses.push(await create({ username: `leak-fault-${index}` }))
    }
    for (const [index, failing] of failingSignIns.entries()) {
      running.aws.setFaults([failing])
      statuses.push(await createFromCold(`leak-cold-${index}`))
    }
    running.aws.setFaults([])
    running.aws.stopServingKeys(true)
    statuses.push(await app2('/sample', service))
    running.aws.stopServingKeys(false)

    // A machine user with a challenge to answer, which comes with a session.
    const { username, password } = await machineUser(running.pair)
    const UserPoolId = running.pair.provisioned.userPoolId
    const temporary = { UserPoolId, Username: username, Password: password, Permanent: false }
    await running.pair.clients.cognito.send(new AdminSetUserPasswordCommand(temporary))
    statuses.push(await createFromCold('leak-challenge'))
    given += running.output()

    expect(new Set(statuses)).toEqual(new Set([200, 201, 400, 401, 403, 409, 429, 500, 502, 503]))
    const secrets = [...running.proxy.secrets, userPassword, weakPassword, badToken]
    // Passwords of two kinds, tokens of three, hashes, client secrets, sessions, sealed contents.
    expect(secrets.length).toBeGreaterThan(20)
    expect(given.length).toBeGreaterThan(10_000)
    expect(secretsFoundIn(given, secrets).map((index) => secrets[index]?.slice(0, 6))).toEqual([])
  })
})
