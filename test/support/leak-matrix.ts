// The leak matrix: plays every path of the pair with canaries, and searches all that came out for every secret there was.
import { AdminSetUserPasswordCommand } from '@aws-sdk/client-cognito-identity-provider'
import { GetSecretValueCommand, ListSecretsCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { expect, onTestFinished, vi } from 'vitest'
import type { Fault, FaultKind } from '../../infra/emulators/aws/faults.ts'
import { createAwsClients } from '#infra/local/aws-clients.ts'
import { app1AccountId } from '#infra/local/local-signers.ts'
import { leftOverUserToken } from '#infra/local/demo/unknown-clients.ts'
import type { Clients } from '#infra/local/set-up/resource-type.ts'
import { makeMachineCredentials } from '#infra/local/set-up/make-machine-credentials.ts'
import { errorName } from '#shared/aws/aws-errors.ts'
import { type MachineAuth } from '#shared/machine/machine-auth.ts'
import {
  bearer,
  machineHeaders,
  machineUser,
  post,
  serviceToken,
  startInProcessPair,
  type InProcessPair,
} from './in-process-pair.ts'
import { recordingLogger } from './logger.ts'
import { askApp1 } from '../gate/faults/answer.ts'
import { requestOf, type Route } from '../gate/faults/scenario.ts'
import { readDelivered, type DeliveredPassword } from './password-reader.ts'
import { recordProofs } from './record-proofs.ts'
import type { RecordedCall } from './recording-proxy.ts'
import { createUserRequestBody, provisioningId, serviceUserRequest } from './requests.ts'
import { secretsFoundIn } from './search-secrets.ts'
import { tokenOperation } from './token-requests.ts'

const userPassword = 'Canary-Password-for-users-1'
const newPassword = 'Canary-Password-for-resets-1'
const weakPassword = 'canary weak password'
const forgedCursor = 'v1.Y2FuYXJ5Y3Vyc29y.Y2FuYXJ5bWFjMDEyMzQ1Njc4'
const reader = 'arn:aws:iam::123456789012:role/leak-reader'
/** The access key id of the reader's session. */
const readersKey = 'AKIALEAKREADER'
const badToken = 'Y2FuYXJ5.Y2FuYXJ5dG9rZW4.Y2FuYXJ5c2lnbmF0dXJl'
const wrongSecret = 'canarywrongsecret0123456789'
/** In the form of a token of the pool of people. */
const forgedHuman = 'Y2FuYXJ5aHVtYW4.Y2FuYXJ5Y2xhaW1z.Y2FuYXJ5c2VhbA'

let running: InProcessPair
/** Every answer that the pair gives, and every line of a rotation. */
let given = ''
/** What the requests of this process, App1's among them, were proved by. */
const proofs = new Set<string>()
/** What App1 asked App2. */
let askedOfApp2 = ''

async function tell(url: string, body: unknown, headers: Record<string, string> = {}): Promise<number> {
  const answer = await post(url, body, headers)
  given += `${answer.text} ${JSON.stringify([...answer.headers])}`
  return answer.status
}

async function start(machineAuth: MachineAuth): Promise<void> {
  given = ''
  proofs.clear()
  askedOfApp2 = ''
  const stopRecording = recordProofs(proofs, (text) => {
    askedOfApp2 += text
  })
  running = await startInProcessPair({
    machineAuth,
    // Once is enough: what jobs keep and say is the same in every mode.
    jobs: machineAuth === 'password',
    passwordReaders: [reader],
    human: { identity: 'claimed' },
    localAws: { principals: new Map([[readersKey, reader]]) },
  })
  onTestFinished(async () => {
    stopRecording()
    await running.close()
  })
}

const create = (changes: Record<string, unknown> = {}): Promise<number> =>
  tell(`${running.pair.app1Url}/create-service-user`, serviceUserRequest({ password: userPassword, ...changes }))

const app2 = (path: string, headers: Record<string, string>, body: unknown = {}): Promise<number> =>
  tell(`${running.pair.app2Url}${path}`, body, headers)

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

const lifeOf = (username: string): Parameters<typeof requestOf>[1] => ({
  username,
  password: newPassword,
  humanUserId: 'alice@example.com',
  idempotencyKey: 'key',
})

async function ask(
  route: Route,
  username: string,
  changes: { readonly password?: string; readonly reader?: string } = {},
): Promise<number> {
  const request = requestOf(route, { ...lifeOf(username), ...changes })
  const answer = await askApp1(running.pair.app1Url, request)
  given += `${answer.text} ${answer.headers}`
  return answer.status
}

const listing = 'GET /service-users?prefix=leak-&limit=1'

/** What becomes of a user, with every refusal on the way; the last ends it. */
async function playLife(username: string): Promise<number[]> {
  const statuses: number[] = []
  const tellAll = async (...asked: Parameters<typeof ask>[]): Promise<void> => {
    for (const one of asked) statuses.push(await ask(...one))
  }
  await tellAll(
    ['GET /service-users/{username}', username],
    ['GET /service-users/{username}', userPassword],
    ['GET /service-users/{username}', 'leak-nobody'],
    [listing, username],
    [`${listing}&cursor=${/"cursor":"([^"]+)"/.exec(given)?.[1] ?? 'none'}`, username],
    [`GET /service-users?prefix=other-&cursor=${/"cursor":"([^"]+)"/.exec(given)?.[1] ?? 'none'}`, username],
    [`${listing}&cursor=${forgedCursor}`, username],
    [`GET /service-users?limit=${encodeURIComponent(newPassword)}`, username],
    ['POST /service-users/{username}/reset-password', username],
    ['POST /service-users/{username}/reset-password', username, { password: weakPassword }],
    ['POST /service-users/{username}/reset-password', username, { password: userPassword.slice(0, 5) }],
    ['POST /service-users/{username}/reset-password', 'leak-nobody'],
    ['DELETE /service-users/{username}', username],
    ['DELETE /service-users/{username}/groups/{group}', username],
    ['PUT /service-users/{username}/groups/{group}', username],
    ['POST /service-users/{username}/disable', username],
    ['POST /service-users/{username}/enable', username],
  )
  for (const [operation, route] of failingChanges) {
    for (const [kind, when] of failures) {
      running.aws.setFaults([fault(operation, kind, when)])
      await tellAll([route, username])
    }
  }
  running.aws.setFaults([])
  await tellAll(['DELETE /service-users/{username}?force=true', username])
  return statuses
}

/** Creations and resets with a generated password, refusals and failures at each step included. */
async function playGenerated(): Promise<number[]> {
  const password = { generate: { deliver_to: reader } }
  const reset = 'POST /service-users/{username}/reset-password'
  const statuses = [
    await create({ username: 'leak-generated', password }),
    await create({ username: 'leak-generated', password }),
    await create({ username: 'leak-nobodys', password: { generate: { deliver_to: `${reader}-other` } } }),
    await create({ username: 'leak-given' }),
    await ask(reset, 'leak-given', { reader }),
    // It waits until the first one can set nothing any more.
    await ask(reset, 'leak-given', { reader }),
  ]
  const body = {
    ...createUserRequestBody({ username: 'leak-direct' }),
    encrypted_password: undefined,
    deliver_to: reader,
  }
  statuses.push(await app2('/admin/create-user', await machineHeaders(running.pair, { body }), body))
  for (const [index, operation] of deliverySteps.entries()) {
    for (const [kind, when] of failures) {
      running.aws.setFaults([fault(operation, kind, when)])
      statuses.push(await create({ username: `leak-generated-${index}-${kind}`, password }))
    }
  }
  running.aws.setFaults([])
  return statuses
}

/** Creations in a human's name, with every refusal of its token on the way; the last ones where its keys cannot be had. */
async function playHumans(): Promise<number[]> {
  const { app1Url, people } = running.pair
  const alice = await ((await people?.newHuman('alice@example.com')) ?? expect.fail()).signIn()
  const [token, idToken] = [alice.accessToken.expose(), alice.idToken.expose()]
  const ask = (username: string, human: string, changes: object = {}): Promise<number> => {
    const body = serviceUserRequest({ username, password: userPassword, ...changes })
    return tell(`${app1Url}/create-service-user`, body, { 'x-human-token': human })
  }
  const statuses = [
    await ask('leak-human', token, { human_user_id: undefined }),
    await ask('leak-human', token),
    await ask('leak-mallory', token, { human_user_id: 'mallory@example.com' }),
    await ask(token, token, { human_user_id: token }),
  ]
  for (const human of [idToken, forgedHuman, `${token}A`, `${token},${token}`, `Bearer ${token}`])
    statuses.push(await ask('leak-nobody', human))
  const body = createUserRequestBody({ username: 'leak-direct', human_user_id: 'mallory@example.com' })
  for (const human of [token, idToken, forgedHuman]) {
    const headers = { ...(await machineHeaders(running.pair, { body })), 'x-human-token': human }
    statuses.push(await app2('/admin/create-user', headers, body))
    statuses.push(await app2('/sample', { 'x-human-token': human }))
  }
  const listed = await fetch(`${app1Url}/service-users`, { headers: { 'x-human-token': token } })
  given += await listed.text()
  if (running.pair.modes.jobs) {
    const rows = ['leak-human-1', 'leak-human-2'].map((username) =>
      serviceUserRequest({ username, password: newPassword, human_user_id: undefined }),
    )
    for (const human of [token, idToken])
      statuses.push(await tell(`${app1Url}/jobs`, { rows }, { 'x-human-token': human }))
    const id = [...given.matchAll(/"job_id":"([^"]+)"/g)].at(-1)?.[1] ?? 'none'
    await vi.waitFor(async () => {
      expect(await (await fetch(`${app1Url}/jobs/${id}`)).text()).toContain('"done":2')
    }, 20_000)
  }
  running.aws.stopServingKeys(true)
  statuses.push(await createFromCold('leak-human-cold', { 'x-human-token': token }))
  running.aws.stopServingKeys(false)
  return statuses
}

/** A job whose rows are made, delivered and refused, with failures at its acceptance; refused jobs, and a dry run. */
async function playJobs(): Promise<number[]> {
  const url = `${running.pair.app1Url}/jobs`
  const row = (username: string, password: unknown): object => serviceUserRequest({ username, password })
  const rows = [
    row('leak-1', newPassword),
    row('leak-job', newPassword),
    row('leak-job-generated', { generate: { deliver_to: reader } }),
  ]
  const statuses = [
    await tell(`${url}?dry_run=true`, { rows }),
    await tell(url, { rows: [...rows, row(newPassword, weakPassword), row('leak-job', userPassword)] }),
    await tell(url, { rows: userPassword }),
    await tell(`${url}?dry_run=${newPassword}`, { rows }),
  ]
  running.aws.setFaults(
    ['GenerateDataKey', 'BatchWriteItem'].map((name) => ({ ...fault(name, 'access_denied'), calls: { next: 1 } })),
  )
  const key = { 'idempotency-key': 'leak' }
  for (let attempt = 0; attempt < 3; attempt += 1) statuses.push(await tell(url, { rows }, key))
  running.aws.setFaults([])
  expect(statuses).toEqual([200, 422, 400, 400, 500, 500, 202])
  const id = [...given.matchAll(/"job_id":"([^"]+)"/g)].at(-1)?.[1] ?? 'none'
  const { app1Url } = running.pair
  for (const path of [id, `${id}/rows`, `${id}/rows?cursor=${forgedCursor}`, newPassword]) {
    const answer = await fetch(`${app1Url}/jobs/${path}`)
    given += await answer.text()
    statuses.push(answer.status)
  }
  await vi.waitFor(async () => {
    expect(await (await fetch(`${app1Url}/jobs/${id}`)).text()).toContain('"waiting":0')
  }, 20_000)
  const ended = await fetch(`${app1Url}/jobs/${id}/rows`)
  given += await ended.text()
  statuses.push(await tell(`${app1Url}/jobs/${id}/cancel`, ''))
  return statuses
}

const deliverySteps = [
  ...(['DescribeUserPoolClient', 'CreateSecret', 'PutResourcePolicy', 'PutSecretValue'] as const),
  ...(['AdminSetUserPassword', 'AdminAddUserToGroup'] as const),
]

/**
 * A generated password passes to Secrets Manager and to the pool, and nowhere else; the service client's secret comes from
 * the pool and goes to Secrets Manager.
 */
async function expectKeptBetween(calls: readonly RecordedCall[]): Promise<void> {
  const isDelivery = ({ operation, sent }: RecordedCall): boolean =>
    operation === 'PutSecretValue' && !sent.includes('"VersionStages"')
  const delivered = calls.filter(isDelivery).map(({ sent }) => deliveredIn(sent))
  const passwords = new Set(delivered.map(({ password }) => password))
  const [clientSecret = ''] = delivered.map(({ client_secret: secret }) => secret)
  expect(passwords.size).toBeGreaterThan(10)
  for (const read of await readAllDelivered()) expect(passwords).toContain(read.password)

  const placesOf = (secrets: Iterable<string>): string[] => [
    ...new Set(
      calls.flatMap(({ operation, head, sent, answered }) => [
        ...(secretsFoundIn(head, secrets).length > 0 ? [`in the head of ${operation}`] : []),
        ...(secretsFoundIn(sent, secrets).length > 0 ? [`sent by ${operation}`] : []),
        ...(secretsFoundIn(answered, secrets).length > 0 ? [`answered to ${operation}`] : []),
      ]),
    ),
  ]
  expect(placesOf(passwords).sort()).toEqual(['sent by AdminSetUserPassword', 'sent by PutSecretValue'])
  expect(placesOf([clientSecret]).sort()).toEqual(['answered to DescribeUserPoolClient', 'sent by PutSecretValue'])
  expect(askedOfApp2.includes(reader)).toBe(true)
  expect(secretsFoundIn(askedOfApp2 + given + running.output(), [...passwords, clientSecret])).toEqual([])
}

function deliveredIn(putSecretValue: string): DeliveredPassword {
  const { SecretString } = JSON.parse(putSecretValue) as { readonly SecretString: string }
  return JSON.parse(SecretString) as DeliveredPassword
}

/** As their reader gets them, past the recording proxy. */
async function readAllDelivered(): Promise<DeliveredPassword[]> {
  const clientsOf = (name: string): Clients =>
    createAwsClients({
      endpoint: running.aws.url,
      region: running.aws.region,
      environment: { AWS_ACCESS_KEY_ID: name, AWS_SECRET_ACCESS_KEY: name },
    })
  const Filters = [{ Key: 'name' as const, Values: [running.pair.provisioned.passwordSecretsPrefix] }]
  const { SecretList = [] } = await clientsOf('operator').secrets.send(new ListSecretsCommand({ Filters }))
  const { secrets } = clientsOf(readersKey)
  const all = await Promise.all(SecretList.map(({ ARN: arn = '' }) => readDelivered(secrets, arn).catch(unreadable)))
  const delivered = all.filter((one) => one !== undefined)
  expect(delivered.length).toBeGreaterThan(2)
  return delivered
}

/** Its policy was never put. */
function unreadable(error: unknown): undefined {
  if (errorName(error) !== 'AccessDeniedException') throw error
  return undefined
}

const failures = [
  ['throttled', 'before'],
  ['access_denied', 'before'],
  ['connection_reset', 'after'],
] as const

const failingChanges: readonly (readonly [operation: string, route: Route])[] = [
  ['AdminGetUser', 'GET /service-users/{username}'],
  ['AdminListGroupsForUser', 'GET /service-users/{username}'],
  ['ListUsers', listing],
  ['AdminDisableUser', 'POST /service-users/{username}/disable'],
  ['AdminUserGlobalSignOut', 'POST /service-users/{username}/disable'],
  ['AdminEnableUser', 'POST /service-users/{username}/enable'],
  ['Encrypt', 'POST /service-users/{username}/reset-password'],
  ['Decrypt', 'POST /service-users/{username}/reset-password'],
  ['AdminSetUserPassword', 'POST /service-users/{username}/reset-password'],
  ['AdminUserGlobalSignOut', 'POST /service-users/{username}/reset-password'],
  ['AdminRemoveUserFromGroup', 'DELETE /service-users/{username}/groups/{group}'],
  ['AdminAddUserToGroup', 'PUT /service-users/{username}/groups/{group}'],
]

/** What can fail before App1 can prove who it is. */
const failingSignIns = (mode: MachineAuth): readonly Fault[] =>
  [
    'GetSecretValue',
    ...(mode === 'sigv4' ? [] : [tokenOperation[mode]]),
    ...(mode === 'password' ? ['RevokeToken'] : []),
  ].flatMap((operation) => [
    fault(operation, 'throttled'),
    fault(operation, 'access_denied'),
    fault(operation, 'internal_error', 'after'),
    fault(operation, 'connection_reset', 'after'),
  ])

/** Creates a user through an App1 that has seen nothing yet: it has to read the secret and to sign in. */
async function createFromCold(username: string, headers: Record<string, string> = {}): Promise<number> {
  vi.resetModules()
  const { handler } = await import('#services/app1-provisioner/handler.ts')
  const event = {
    version: '2.0',
    routeKey: 'POST /create-service-user',
    headers: { 'content-type': 'application/json', ...headers },
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

/** The machine's credentials stop being good: in the secret, or at Cognito, which answers with a session then. */
async function spoilCredentials(mode: MachineAuth): Promise<void> {
  const { clients, provisioned } = running.pair
  if (mode === 'password') {
    const { username, password } = await machineUser(running.pair)
    const temporary = { UserPoolId: provisioned.userPoolId, Username: username, Password: password, Permanent: false }
    await clients.cognito.send(new AdminSetUserPasswordCommand(temporary))
    return
  }
  if (mode === 'sts-token') {
    running.aws.disableWebIdentity(app1AccountId)
    return
  }
  const SecretId = provisioned.machineSecretArn
  const { SecretString = '{}' } = await clients.secrets.send(new GetSecretValueCommand({ SecretId }))
  const wrong = { ...(JSON.parse(SecretString) as object), scope_client_secret: wrongSecret }
  await clients.secrets.send(new PutSecretValueCommand({ SecretId, SecretString: JSON.stringify(wrong) }))
}

/** Of every kind there is: what has to be found among the recorded secrets, or the search would prove nothing. */
function expectRecorded(mode: MachineAuth): void {
  const all = [...running.proxy.secrets, ...proofs]
  const has = (form: RegExp): boolean => all.some((secret) => form.test(secret))
  expect(has(/^eyJ[\w-]+\.[\w-]+\.[\w-]+$/)).toBe(true)
  // A sealed password.
  expect(has(/^[\w-]{200,}$/)).toBe(true)
  if (mode === 'client-credentials') {
    // The Basic header of the token endpoint.
    const { machineScopeClientId = 'none' } = running.pair.provisioned
    expect(all.some((secret) => Buffer.from(secret, 'base64').toString().startsWith(`${machineScopeClientId}:`))).toBe(
      true,
    )
  }
  if (mode === 'sts-token') {
    const issuer = running.pair.provisioned.stsIssuer ?? 'none'
    expect(all.some((secret) => Buffer.from(secret.split('.')[1] ?? '', 'base64url').includes(issuer))).toBe(true)
  }
  if (mode === 'sigv4') {
    const { sessionToken = 'none' } = running.pair.app2Signers?.provisioner ?? {}
    expect([...proofs]).toContain(sessionToken)
    expect([...proofs].some((proof) => /^[0-9a-f]{64}$/.test(proof))).toBe(true)
  }
}

/** No answer and no log line holds a secret, on any path, in plain, base64, hex or URL encoding. For one test. */
export async function expectNoLeak(mode: MachineAuth): Promise<void> {
  // The SDK draws its back-off: none is waited for.
  vi.spyOn(Math, 'random').mockReturnValue(0)
  await start(mode)
  const statuses: number[] = []

  // The way that goes well, and every refusal on it.
  statuses.push(await create({ username: 'leak-1' }))
  const service = bearer(await serviceToken(running.pair, 'leak-1', userPassword))
  const stray = bearer(await leftOverUserToken(running.pair))
  const sampleBody = { data: { request_id: 'r', payload: 1 } }
  statuses.push(await app2('/sample', service, sampleBody))
  for (const headers of [service, stray, { authorization: `Bearer ${badToken}` }, {}]) {
    statuses.push(await app2('/sample', headers), await app2('/admin/create-user', headers))
  }
  const unreadable = createUserRequestBody({ encrypted_password: userPassword })
  const machine = await machineHeaders(running.pair, { body: unreadable })
  statuses.push(await app2('/admin/create-user', machine, unreadable))
  const elsewhere = await machineHeaders(running.pair, { path: '/sample', body: sampleBody })
  statuses.push(await app2('/sample', elsewhere, sampleBody))
  statuses.push(await create({ username: 'leak-1' }), await create({ password: weakPassword }))
  statuses.push(await create({ username: userPassword, extra: userPassword, human_user_id: `${userPassword} ` }))
  statuses.push(await tell(`${running.pair.app1Url}/create-service-user`, `{"password": ${userPassword}`))

  const sealedBadly = {
    username: 'leak-1',
    encrypted_password: newPassword,
    reset_id: provisioningId,
    requested_by: 'r',
  }
  const reset = '/admin/users/reset-password'
  statuses.push(await app2(reset, await machineHeaders(running.pair, { path: reset, body: sealedBadly }), sealedBadly))
  statuses.push(await app2(reset, service, sealedBadly))
  statuses.push(...(await playLife('leak-1')))
  statuses.push(...(await playHumans()))

  const before = running.proxy.calls.length
  statuses.push(...(await playGenerated()))
  if (mode === 'password') statuses.push(...(await playJobs()))
  await expectKeptBetween(running.proxy.calls.slice(before))

  for (const [index, faults] of failingCreations.entries()) {
    running.aws.setFaults(faults)
    statuses.push(await create({ username: `leak-fault-${index}` }))
  }
  for (const [index, failing] of failingSignIns(mode).entries()) {
    running.aws.setFaults([failing])
    statuses.push(await createFromCold(`leak-cold-${index}`))
  }
  running.aws.setFaults([])
  running.aws.stopServingKeys(true)
  statuses.push(await app2('/sample', service))
  running.aws.stopServingKeys(false)

  // Rotations, of which one fails, and credentials that are good no more.
  const logger = recordingLogger()
  const rotate = (): Promise<void> =>
    makeMachineCredentials({ ...running.pair.clients, provisioned: running.pair.provisioned, logger })
  await rotate()
  running.aws.setFaults(['AdminSetUserPassword', 'AddUserPoolClientSecret'].map((name) => fault(name, 'throttled')))
  await rotate().catch((error: unknown) => {
    given += String(error)
  })
  running.aws.setFaults([])
  await spoilCredentials(mode)
  statuses.push(await createFromCold('leak-spoilt'))
  given += running.output() + JSON.stringify(logger.lines)

  const expected = [200, 201, 400, 401, 403, 404, 409, 429, 500, 502, 503, ...(mode === 'password' ? [202, 422] : [])]
  expect([...new Set(statuses)].sort()).toEqual(expected.sort())
  expectRecorded(mode)
  const { app2Signers } = running.pair
  const signing = Object.values(app2Signers ?? {}).flatMap(({ secretAccessKey, sessionToken = '' }) => [
    secretAccessKey,
    sessionToken,
  ])
  const made = [userPassword, newPassword, weakPassword, forgedCursor, badToken, forgedHuman, wrongSecret, ...signing]
  const secrets = [...running.proxy.secrets, ...proofs, ...made]
  expect(secrets.length).toBeGreaterThan(20)
  expect(given.length).toBeGreaterThan(10_000)
  expect(secretsFoundIn(given, secrets).map((index) => secrets[index]?.slice(0, 6))).toEqual([])
}
