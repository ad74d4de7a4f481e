// Plays on the real pair all that an operator can be told of, and gives the log lines that it printed; it asserts nothing.
import {
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  type CognitoIdentityProviderClient,
} from '@aws-sdk/client-cognito-identity-provider'
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { vi } from 'vitest'
import type { Fault, FaultKind } from '../../infra/emulators/aws/faults.ts'
import { makeMachineCredentials } from '#infra/local/set-up/make-machine-credentials.ts'
import { createPowertoolsLogger } from '#shared/powertools-logger.ts'
import { httpEvent, lambdaContext, restEvent } from './events.ts'
import { machineToken } from '#infra/local/machine-token.ts'
import { bearer, call, post, serviceToken, startInProcessPair, type InProcessPair } from './in-process-pair.ts'
import type { LogEvent } from './log-filter.ts'
import { createUserRequestBody, goodPassword, serviceUserRequest } from './requests.ts'

const caller = 'arn:aws:sts::123456789012:assumed-role/local-caller/s'

type GoOn = (ms: number) => void

const minute = 60_000

/** Every line of the six functions, oldest first, each with the `service` that printed it. */
export async function playOperatorScenarios(): Promise<readonly LogEvent[]> {
  const realNow = Date.now
  let aheadMs = 0
  vi.spyOn(Date, 'now').mockImplementation(() => realNow() + aheadMs)
  const running = await startInProcessPair()
  try {
    await playRequests(running)
    await playChanges(running)
    const goOn: GoOn = (ms) => {
      aheadMs += ms
    }
    await playFailures(running, goOn)
    await playRotations(running)
    await playColdStarts(running, goOn)
    return running.output().split('\n').flatMap(parseLine)
  } finally {
    await running.close()
  }
}

async function playRequests({ pair }: InProcessPair): Promise<void> {
  await create(pair.app1Url, { username: 'served' }, { 'idempotency-key': 'k' })
  await create(pair.app1Url, { username: 'served' }, { 'idempotency-key': 'k' })
  await create(pair.app1Url, { username: 'served' })
  await create(pair.app1Url, { username: 'weak', password: 'weak' })
  const service = await serviceToken(pair, 'served', goodPassword)
  await post(`${pair.app2Url}/sample`, { data: { request_id: 'r', payload: 1 } }, bearer(service))
  await post(`${pair.app2Url}/sample`, {}, bearer(service))
  await post(`${pair.app2Url}/sample`, {}, { authorization: 'Bearer not.a.token' })
  await makeUserWithoutGroup(pair.clients.cognito, pair.provisioned.userPoolId)
  await post(`${pair.app2Url}/sample`, {}, bearer(await serviceToken(pair, 'no-group', goodPassword)))
  const unreadable = createUserRequestBody({ encrypted_password: 'unreadable' })
  await post(`${pair.app2Url}/admin/create-user`, unreadable, bearer(await machineToken(pair, 'password')))

  // Past the gate: what API Gateway never lets through.
  const { handler: createUser } = await import('#services/app2-accounts/create-user/handler.ts')
  await createUser(restEvent({ resource: '/admin/create-user' }), lambdaContext())
  await createUser(restEvent({ resource: '/admin/create-user', authorizer: identity('service') }), lambdaContext())
  const { handler: sample } = await import('#services/app2-accounts/sample/handler.ts')
  await sample(restEvent(), lambdaContext())
  await sample(restEvent({ authorizer: identity('machine') }), lambdaContext())
}

/** The life of a user that is there, with its refusals and failures. */
async function playChanges({ pair, aws }: InProcessPair): Promise<void> {
  const app1 = (method: string, path: string, body?: unknown): Promise<unknown> =>
    call(method, `${pair.app1Url}/service-users${path}`, { body })
  const reset = { password: 'Correct-Horse-8-Battery' }
  await create(pair.app1Url, { username: 'ended' })
  await app1('GET', '/ended')
  await app1('GET', '')
  await app1('GET', '/nobody')
  await app1('POST', '/ended/reset-password', reset)

  const failing: readonly (readonly [Fault, string, unknown?])[] = [
    [fault('AdminGetUser', 'access_denied'), '/ended/enable'],
    [fault('AdminUserGlobalSignOut', 'throttled'), '/ended/disable'],
    [fault('Decrypt', 'throttled'), '/ended/reset-password', reset],
  ]
  for (const [at, path, body] of failing) {
    aws.setFaults([at])
    await app1('POST', path, body)
  }
  aws.setFaults([])
  await app1('DELETE', '/ended')

  const path = '/admin/users/reset-password'
  const { provisioning_id: reset_id, encrypted_password, requested_by } = createUserRequestBody()
  const unreadable = { username: 'ended', encrypted_password, reset_id, requested_by }
  await post(`${pair.app2Url}${path}`, unreadable, bearer(await machineToken(pair, 'password')))

  // Past the gate.
  const { handler: manageUsers } = await import('#services/app2-accounts/manage-users/handler.ts')
  await manageUsers(restEvent({ resource: path }), lambdaContext())
  await manageUsers(restEvent({ resource: path, authorizer: identity('service') }), lambdaContext())
}

/** What the authorizer hands on of a user's token. */
function identity(client: 'machine' | 'service'): Record<string, string> {
  const groups = client === 'machine' ? 'api-client' : 'service-user'
  return { sub: 'a3c1e6f0-0000-4000-8000-000000000000', client, token: 'user', groups, scopes: '' }
}

/** In a creation while App1 has its token. */
async function playFailures({ pair, aws }: InProcessPair, goOn: GoOn): Promise<void> {
  const failing: readonly (readonly Fault[])[] = [
    [fault('Encrypt', 'access_denied')],
    [fault('Encrypt', 'throttled')],
    [fault('Decrypt', 'access_denied')],
    [fault('AdminCreateUser', 'internal_error')],
    [fault('AdminAddUserToGroup', 'access_denied')],
    [fault('AdminAddUserToGroup', 'access_denied'), fault('AdminDeleteUser', 'access_denied')],
  ]
  for (const [index, faults] of failing.entries()) {
    aws.setFaults(faults)
    await create(pair.app1Url, { username: `failing-${index}` })
  }

  // Left for a repeat, which comes too late.
  aws.setFaults([fault('AdminAddUserToGroup', 'throttled')])
  await create(pair.app1Url, { username: 'late' }, { 'idempotency-key': 'late' })
  aws.setFaults([])
  goOn(61 * minute)
  await create(pair.app1Url, { username: 'late' }, { 'idempotency-key': 'late' })
}

async function playRotations({ pair, aws }: InProcessPair): Promise<void> {
  const logger = createPowertoolsLogger('machine-credential-rotation')
  const rotate = (): Promise<void> => makeMachineCredentials({ ...pair.clients, provisioned: pair.provisioned, logger })
  await rotate()
  aws.setFaults([fault('AdminSetUserPassword', 'access_denied')])
  await rotate().catch(() => undefined)
  aws.setFaults([])
  await rotate()
}

/** In functions that have seen nothing yet. */
async function playColdStarts({ pair, aws }: InProcessPair, goOn: GoOn): Promise<void> {
  for (const [index, operation] of ['GetSecretValue', 'InitiateAuth', 'RevokeToken'].entries()) {
    aws.setFaults([fault(operation, 'internal_error')])
    await createFromCold(`cold-${index}`)
  }
  aws.setFaults([])

  // Secrets Manager is out of reach when the secret that App1 holds is due to be read again.
  const app1 = await createFromCold('before-outage')
  goOn(6 * minute)
  aws.setFaults([fault('GetSecretValue', 'throttled')])
  await app1('during-outage')
  aws.setFaults([])

  // The authorizer comes up while the pool's keys cannot be had.
  const token = await serviceToken(pair, 'served', goodPassword)
  aws.stopServingKeys(true)
  const { handler: authorizer } = await coldly(() => import('#services/app2-accounts/authorizer/handler.ts'))
  const methodArn = 'arn:aws:execute-api:us-east-1:123456789012:local/local/POST/sample'
  await authorizer({ authorizationToken: `Bearer ${token.expose()}`, methodArn }, lambdaContext()).catch(
    () => undefined,
  )
  aws.stopServingKeys(false)

  const { machineSecretArn: SecretId } = pair.provisioned
  const { SecretString = '{}' } = await pair.clients.secrets.send(new GetSecretValueCommand({ SecretId }))
  const wrong = JSON.stringify({ ...(JSON.parse(SecretString) as object), password: 'Wrong-Password-123' })
  await pair.clients.secrets.send(new PutSecretValueCommand({ SecretId, SecretString: wrong }))
  await createFromCold('with-wrong-password')
}

const create = (app1Url: string, changes: Record<string, unknown>, headers = {}): Promise<unknown> =>
  post(`${app1Url}/create-service-user`, serviceUserRequest(changes), headers)

/** Asks an App1 that has to read the secret and to sign in; the answer is a way to ask the same App1 again. */
async function createFromCold(username: string): Promise<(username: string) => Promise<unknown>> {
  const { handler } = await coldly(() => import('#services/app1-provisioner/handler.ts'))
  const ask = (name: string): Promise<unknown> => {
    const body = JSON.stringify(serviceUserRequest({ username: name }))
    return handler(httpEvent({ userArn: caller, body }), lambdaContext())
  }
  await ask(username)
  return ask
}

/** Handlers are composed when their module is first imported. */
function coldly<T>(load: () => Promise<T>): Promise<T> {
  vi.resetModules()
  return load()
}

async function makeUserWithoutGroup(cognito: CognitoIdentityProviderClient, UserPoolId: string): Promise<void> {
  const user = { UserPoolId, Username: 'no-group' }
  await cognito.send(new AdminCreateUserCommand({ ...user, MessageAction: 'SUPPRESS' }))
  await cognito.send(new AdminSetUserPasswordCommand({ ...user, Password: goodPassword, Permanent: true }))
}

function fault(operation: string, kind: FaultKind): Fault {
  // The SDK's own attempts, all of them.
  return { operation, kind, when: 'before', calls: { next: 3 } }
}

/** What Lambda would hand on to the function's log group, of which other output is left out. */
function parseLine(line: string): LogEvent[] {
  if (!line.startsWith('{')) return []
  const event = JSON.parse(line) as LogEvent
  return typeof event['service'] === 'string' ? [event] : []
}
