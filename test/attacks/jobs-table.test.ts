// Whoever may write the table of jobs, or its queue, against the real table: what a row's password is sealed to, what is made
// twice, and what such a writer gets all the same.
import {
  AdminCreateUserCommand,
  AdminDisableUserCommand,
  AdminGetUserCommand,
} from '@aws-sdk/client-cognito-identity-provider'
import { GetItemCommand, PutItemCommand, type AttributeValue } from '@aws-sdk/client-dynamodb'
import { SendMessageBatchCommand } from '@aws-sdk/client-sqs'
import type { SQSEvent } from 'aws-lambda'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createBackOff } from '#services/app1-provisioner/job-store/back-off.ts'
import { createDataKeyMaker, createDataKeyOpener } from '#services/app1-provisioner/job-store/data-keys.ts'
import { jobKey, rowKey, type Item } from '#services/app1-provisioner/job-store/job-items.ts'
import { createJobTable } from '#services/app1-provisioner/job-store/job-table.ts'
import { createRowTable } from '#services/app1-provisioner/job-store/row-table.ts'
import { createWorker } from '#services/app1-provisioner/job-worker/worker.ts'
import { acceptJob, type AcceptJobDeps } from '#services/app1-provisioner/jobs/accept-job.ts'
import type { CreationRequest } from '#services/app1-provisioner/provisioning-id.ts'
import { localRoles } from '#infra/local/local-signers.ts'
import { createJobClients, type JobClients } from '#infra/local/set-up/job-resources.ts'
import type { JobRows, RowState } from '#shared/job-contract.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { farDeadline } from '../support/deadlines.ts'
import {
  call,
  post,
  serviceToken,
  startInProcessPair,
  type Answer,
  type InProcessPair,
} from '../support/in-process-pair.ts'
import { recordingLogger } from '../support/logger.ts'
import { createdUserBody, goodPassword, serviceUserRequest } from '../support/requests.ts'
import { machineSecret } from '../support/machine-secrets.ts'
import { countAttack } from './support/repel.ts'

let running: InProcessPair
let clients: JobClients
let table = ''
let queueUrl = ''
let store: Omit<AcceptJobDeps, 'queue'>

beforeAll(async () => {
  running = await startInProcessPair({ jobs: true, passwordReaders: [localRoles.worker] })
  const environment = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' }
  clients = createJobClients({ endpoint: running.aws.url, region: running.aws.region, environment })
  const { jobs = expect.fail() } = running.pair.provisioned
  ;({ table, queueUrl } = jobs)
  const deps = { dynamo: clients.dynamo, table }
  const backOff = createBackOff({ sleep, random: Math.random })
  store = {
    jobs: createJobTable(deps),
    rows: createRowTable({ ...deps, backOff }),
    makeDataKey: createDataKeyMaker({ kms: running.pair.clients.kms, keyArn: jobs.keyArn }),
    now: Date.now,
  }
})
afterAll(async () => {
  clients.dynamo.destroy()
  clients.sqs.destroy()
  await running.close()
})

const orders = 'arn:aws:iam::111111111111:role/orders'
const billing = 'arn:aws:iam::111111111111:role/billing'
const passwordOf = (row: number): string => `${goodPassword}-of-row-${row}`

/** A job of the real table, of which no message is sent: its rows wait until a test works them off. */
function keepWaiting(
  usernames: readonly string[],
  { deliverTo }: { readonly deliverTo?: string } = {},
): Promise<string> {
  const { idempotencySecret } = machineSecret(null)
  const rows = usernames.map((username, row) => ({
    ...{ username, humanUserId: 'alice' },
    password: deliverTo === undefined ? new SecretValue(passwordOf(row)) : { deliverTo },
  }))
  const unused = (): Promise<never> => Promise.reject(new Error('not expected'))
  const queue = { send: () => Promise.resolve(0), postpone: unused, look: unused }
  const job = { requestedBy: orders, idempotencyKey: randomUUID(), rows }
  const context = { idempotencySecret, deadline: farDeadline(), logger: recordingLogger() }
  return acceptJob(job, { ...store, queue }, context)
}

const getItem = async (Key: Item): Promise<Item> =>
  (await clients.dynamo.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }))).Item ?? expect.fail()

/** Sets these attributes, and removes those that are undefined. */
async function tamper(Key: Item, changes: Readonly<Record<string, AttributeValue | undefined>>): Promise<void> {
  const item = { ...(await getItem(Key)), ...changes }
  const Item = Object.fromEntries(Object.entries(item).filter(([, value]) => value !== undefined)) as Item
  await clients.dynamo.send(new PutItemCommand({ TableName: table, Item }))
}

const event = (...ids: readonly (readonly [job: string, row: number])[]): SQSEvent =>
  ({
    Records: ids.map(([job, row], index) => ({
      ...{ messageId: `m${index}`, receiptHandle: 'r', body: JSON.stringify({ job, row }) },
    })),
  }) as SQSEvent

/** What App2 is asked when these messages come. */
async function workOff(...ids: readonly (readonly [job: string, row: number])[]) {
  const asked: CreationRequest[] = []
  const queue = {
    send: () => Promise.resolve(0),
    postpone: () => Promise.resolve(),
    look: () => Promise.resolve({ waiting: 0, visibilityMs: 360_000 }),
  }
  const { keyArn } = running.pair.provisioned.jobs ?? expect.fail()
  const work = createWorker({
    ...{ ...store, queue, now: Date.now, sleep, random: () => 0, logger: recordingLogger() },
    findJob: (id, deadline) => store.jobs.find(id, deadline),
    openDataKey: createDataKeyOpener({ kms: running.pair.clients.kms, keyArn }),
    admit: () => Promise.resolve(true),
    duringBatch: (batch) => batch(),
    provision: (request) => {
      asked.push(request)
      return Promise.resolve(createdUserBody())
    },
  })
  await work(event(...ids), { awsRequestId: 'r', getRemainingTimeInMillis: () => 30_000 })
  return asked.map(({ password, ...request }) => ({
    ...request,
    password: password instanceof SecretValue ? password.expose() : password,
  }))
}

let jobs = 0
const names = (count: number): string[] => {
  jobs += 1
  return Array.from({ length: count }, (_, row) => `tampered-${jobs}-${row}`)
}

describe('a job of generated passwords', () => {
  it('is written by one of the requests that begin in the same millisecond', async () => {
    const { idempotencySecret } = machineSecret(null)
    const rows = [{ username: 'together', humanUserId: 'alice', password: { deliverTo: localRoles.worker } }]
    const job = { requestedBy: orders, idempotencyKey: randomUUID(), rows }
    const deadline = { ...farDeadline(), remainingMs: () => 20_000 }
    const context = { idempotencySecret, deadline, logger: recordingLogger() }
    const unused = (): Promise<never> => Promise.reject(new Error('not expected'))
    let writers = 0
    const deps = {
      ...store,
      now: () => 1_767_225_600_000,
      queue: { send: () => Promise.resolve(0), postpone: unused, look: unused },
      rows: {
        ...store.rows,
        add: (...args: Parameters<typeof store.rows.add>) => (writers++, store.rows.add(...args)),
      },
    }

    await Promise.allSettled(Array.from({ length: 20 }, () => acceptJob(job, deps, context)))

    expect(writers).toBe(1)
  })
})

describe('a row with a given password', () => {
  type Tampering = (a: {
    readonly id: string
    readonly own: Item
    readonly second: Item
    /** Of another job, under the same username and row. */
    readonly other: Item
    readonly otherKeys: AttributeValue[]
  }) => Promise<void> | void

  const set =
    (changes: (own: Parameters<Tampering>[0]) => Readonly<Record<string, AttributeValue | undefined>>): Tampering =>
    (all) =>
      tamper(rowKey({ job: all.id, row: 0 }), changes(all))
  const setKeys =
    (keys: (own: Parameters<Tampering>[0]) => AttributeValue[]): Tampering =>
    (all) =>
      tamper(jobKey(all.id), { data_keys: { L: keys(all) } })
  const bytesOf = ({ sealed }: Item): Uint8Array => sealed?.B ?? expect.fail()
  const flipped = (item: Item, at: number): AttributeValue => {
    const bytes = Buffer.from(bytesOf(item))
    bytes.writeUInt8((bytes.at(at) ?? 0) ^ 1, at < 0 ? bytes.length + at : at)
    return { B: bytes }
  }

  it('is made with it where nobody tampered, so that a refusal below means something', async () => {
    const [username = ''] = names(1)
    const id = await keepWaiting([username])

    expect(await workOff([id, 0])).toEqual([
      {
        ...{ requestedBy: orders, idempotencyKey: `job,${id},0`, username, humanUserId: 'alice' },
        password: passwordOf(0),
      },
    ])
  })

  it.for<[string, Tampering]>([
    ['the password of another row', set(({ second }) => ({ sealed: second['sealed'] }))],
    [
      'password and name of another row',
      set(({ second }) => ({ sealed: second['sealed'], username: second['username'] })),
    ],
    ['the password of the same row of another job', set(({ other }) => ({ sealed: other['sealed'] }))],
    ['another username', set(() => ({ username: { S: 'mallory' } }))],
    ['its username in capitals', set(({ own }) => ({ username: { S: own['username']?.S?.toUpperCase() ?? '' } }))],
    ['the name of a machine user', set(() => ({ username: { S: 'latchkey-machine-1' } }))],
    ['a username that is a list', set(() => ({ username: { L: [] } }))],
    ['no username', set(() => ({ username: undefined }))],
    ...['1', '2', '-1', '0.5', '99', '1E30', '-0.1'].map((key): [string, Tampering] => [
      `the key ${key}`,
      set(() => ({ key: { N: key } })),
    ]),
    ['a key that is a text', set(() => ({ key: { S: '0' } }))],
    ['no key', set(() => ({ key: undefined }))],
    ['no password', set(() => ({ sealed: undefined }))],
    ['a password that is a text', set(({ own }) => ({ sealed: { S: Buffer.from(bytesOf(own)).toString('base64') } }))],
    ['a password in plain', set(() => ({ sealed: { B: Buffer.from(goodPassword.repeat(3)) } }))],
    ['a password of one byte', set(() => ({ sealed: { B: Buffer.alloc(1) } }))],
    ['a password of IV and tag alone', set(() => ({ sealed: { B: Buffer.alloc(28) } }))],
    ['the IV changed', set(({ own }) => ({ sealed: flipped(own, 0) }))],
    ['the text changed', set(({ own }) => ({ sealed: flipped(own, 14) }))],
    ['the tag changed', set(({ own }) => ({ sealed: flipped(own, -1) }))],
    ['the tag cut', set(({ own }) => ({ sealed: { B: bytesOf(own).subarray(0, -1) } }))],
    ['the tag cut to four bytes', set(({ own }) => ({ sealed: { B: bytesOf(own).subarray(0, -12) } }))],
    ['a byte behind the tag', set(({ own }) => ({ sealed: { B: Buffer.concat([bytesOf(own), Buffer.alloc(1)]) } }))],
    ['no data keys', setKeys(() => [])],
    ['the data key of another job', setKeys(({ otherKeys }) => otherKeys)],
    ['a data key of zeros', setKeys(() => [{ B: Buffer.alloc(32) }])],
    ['an empty state', set(() => ({ state: undefined }))],
    ['a state of its own', set(() => ({ state: { S: 'ready' } }))],
    ['attempts that are no number', set(() => ({ attempts: { S: '0' } }))],
    [
      'key and password of another job',
      async (all) => {
        await setKeys(({ otherKeys }) => otherKeys)(all)
        await set(({ other }) => ({ sealed: other['sealed'] }))(all)
      },
    ],
    ['a job that is still loading', ({ id }) => tamper(jobKey(id), { state: { S: 'loading' } })],
    ['a job in a state of its own', ({ id }) => tamper(jobKey(id), { state: { S: 'done' } })],
    ['a job from nobody', ({ id }) => tamper(jobKey(id), { requested_by: undefined })],
  ])('%s: nothing is made, and the row beside it is as it was', async ([, tampering], { task }) => {
    const [username = '', second = ''] = names(2)
    const id = await keepWaiting([username, second])
    const other = await keepWaiting([username])
    const item = (job: string, row: number): Promise<Item> => getItem(rowKey({ job, row }))
    const otherKeys = (await getItem(jobKey(other)))['data_keys']?.L ?? []
    const beside = await item(id, 1)

    await tampering({ id, own: await item(id, 0), second: beside, other: await item(other, 0), otherKeys })
    const asked = await workOff([id, 0])

    countAttack(task, [asked.length > 0])
    expect(asked).toEqual([])
    expect(await item(id, 1)).toEqual(beside)
  })

  it('copied to where no row is, of this job or another, is made under no other key', async ({ task }) => {
    const [username = ''] = names(1)
    const [id, other] = [await keepWaiting([username]), await keepWaiting(names(1))]
    const own = await getItem(rowKey({ job: id, row: 0 }))
    const places = [
      [id, 1],
      [id, 9_999],
      [other, 0],
      [other, 1],
    ] as const
    for (const [job, row] of places) {
      const Item = { ...own, ...rowKey({ job, row }) }
      await clients.dynamo.send(new PutItemCommand({ TableName: table, Item }))
    }

    const asked = await workOff(...places)

    countAttack(task, [asked.length > 0])
    expect(asked).toEqual([])
  })

  it('does not stop the batch that it is in', async ({ task }) => {
    const id = await keepWaiting(names(4))
    await tamper(rowKey({ job: id, row: 0 }), { username: { S: 'mallory' } })
    await tamper(rowKey({ job: id, row: 2 }), { attempts: { S: 'x' } })

    const asked = await workOff([id, 0], [id, 1], [id, 2], [id, 3])

    countAttack(task, [asked.length !== 2])
    expect(asked.map(({ password }) => password)).toEqual([passwordOf(1), passwordOf(3)])
  })
})

/** The messages of these rows, and texts beside them, as the pair's own workers take them. */
async function sendMessages(...bodies: (readonly [job: string, row: number] | string)[]): Promise<void> {
  const Entries = bodies.map((body, index) => {
    const MessageBody = typeof body === 'string' ? body : JSON.stringify({ job: body[0], row: body[1] })
    return { Id: String(index), MessageBody }
  })
  const { Failed = [] } = await clients.sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
  expect(Failed).toEqual([])
}

type Ended = {
  readonly state: RowState
  readonly code?: string | undefined
  readonly provisioningId?: string | undefined
}

async function untilEnded(job: string, row: number): Promise<Ended> {
  for (;;) {
    const [listed = expect.fail()] = await store.rows.list(
      job,
      row + 1,
      { state: undefined, after: row - 1, limit: 1 },
      farDeadline(),
    )
    if (listed.state !== 'waiting') return listed
    await sleep(20)
  }
}

/** Rows as the caller's own request makes them, all of them worked off. */
async function sendJob(rows: readonly unknown[], key: string): Promise<JobRows['rows']> {
  const { body } = await post(`${running.pair.app1Url}/jobs`, { rows }, { 'idempotency-key': key })
  const { job_id: id } = body as { readonly job_id: string }
  for (let row = 0; row < rows.length; row += 1) await untilEnded(id, row)
  return ((await call('GET', `${running.pair.app1Url}/jobs/${id}/rows`)).body as JobRows).rows
}

const createUser = (username: string, key: string, password = goodPassword): Promise<Answer> =>
  post(`${running.pair.app1Url}/create-service-user`, serviceUserRequest({ username, password }), {
    'idempotency-key': key,
  })

const pool = () => ({ UserPoolId: running.pair.provisioned.userPoolId })
/** All that Cognito says of the user; undefined where there is none. */
const userNamed = (Username: string): Promise<string | undefined> =>
  running.pair.clients.cognito.send(new AdminGetUserCommand({ ...pool(), Username })).then(
    (user) => JSON.stringify({ ...user, $metadata: undefined }),
    () => undefined,
  )
const creations = (): number =>
  running.aws.calls.filter(({ operation, error }) => operation === 'AdminCreateUser' && error === undefined).length

describe('with App2 behind the queue', () => {
  it('a row with a name that is taken is refused, and the user stays as it was', async ({ task }) => {
    const [ours = '', byHand = '', free = ''] = names(3)
    await createUser(ours, 'k', 'Correct-Horse-9-Battery')
    const { cognito } = running.pair.clients
    await cognito.send(new AdminCreateUserCommand({ ...pool(), Username: byHand, MessageAction: 'SUPPRESS' }))
    const before = [await userNamed(ours), await userNamed(byHand)]

    const rows = [ours.toUpperCase(), byHand, free].map((username) => serviceUserRequest({ username }))
    const listed = await sendJob(rows, 'k')

    const after = [await userNamed(ours), await userNamed(byHand)]
    countAttack(
      task,
      after.map((user, index) => user !== before[index]),
    )
    expect(after).toEqual(before)
    const taken = { state: 'failed', code: 'user_exists' }
    expect(listed).toMatchObject([{ ...taken, username: ours }, taken, { state: 'done' }])
    await serviceToken(running.pair, ours, 'Correct-Horse-9-Battery')
  })

  it('a creation under the key of a job is another creation than its rows, whichever comes first', async ({ task }) => {
    const [first = '', second = ''] = names(2)
    const [key, rowKeyOf] = [randomUUID(), (job: string) => `job,${job},0`]
    await createUser(first, key)

    const listed = await sendJob(
      [first, second].map((username) => serviceUserRequest({ username })),
      key,
    )
    const before = await userNamed(second)
    const again = await createUser(second, key)
    const named = await createUser(second, rowKeyOf('A'.repeat(22)))

    countAttack(task, [listed[0]?.state === 'done', again.status < 400, named.status < 400])
    expect(listed).toMatchObject([{ state: 'failed', code: 'user_exists' }, { state: 'done' }])
    expect(again).toMatchObject({ status: 409, body: { code: 'user_exists' } })
    expect(named).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    expect(await userNamed(second)).toBe(before)
  })

  it('forged messages make nobody, and the good ones among them are worked off', async ({ task }) => {
    const usernames = names(4)
    const id = await keepWaiting(usernames)
    const [cancelled, loading] = [await keepWaiting(names(1)), await keepWaiting(names(1))]
    await store.jobs.cancel(cancelled, farDeadline())
    await tamper(jobKey(loading), { state: { S: 'loading' } })
    const before = creations()

    const unknown = 'A'.repeat(22)
    await sendMessages('no JSON', [id, 0], [unknown, 0], [id, 4], [id, 1], [cancelled, 0], [loading, 0], [id, 9_999])
    await sendMessages(`{"job":"${id}","row":"2"}`, [id, 2], ' '.repeat(200 * 1024), [id, 3], [id, 3], [id, 0])
    for (const row of usernames.keys()) expect(await untilEnded(id, row)).toMatchObject({ state: 'done' })

    expect(await untilEnded(cancelled, 0)).toMatchObject({ state: 'cancelled' })
    countAttack(task, [creations() !== before + usernames.length])
    expect(creations()).toBe(before + usernames.length)
  })

  it.for([
    ['as it was before', (item: Item) => item, 'done'],
    [
      'as it is, without its password',
      (item: Item) => Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'sealed')),
      'failed',
    ],
  ] as const)('a row set back to waiting, %s, makes and changes nothing', async ([, setBack, state], { task }) => {
    const [username = ''] = names(1)
    const id = await keepWaiting([username])
    const item = await getItem(rowKey({ job: id, row: 0 }))
    await sendMessages([id, 0])
    const first = await untilEnded(id, 0)
    const { cognito } = running.pair.clients
    // An operator's changes are not undone either.
    await cognito.send(new AdminDisableUserCommand({ ...pool(), Username: username }))
    const [made, user] = [creations(), await userNamed(username)]

    await clients.dynamo.send(new PutItemCommand({ TableName: table, Item: setBack(item) }))
    await sendMessages([id, 0])
    const second = await untilEnded(id, 0)

    countAttack(task, [creations() !== made, (await userNamed(username)) !== user])
    expect(first).toMatchObject({ state: 'done' })
    expect(second).toMatchObject({ state, ...(state === 'done' && { provisioningId: first.provisioningId }) })
    expect([creations(), await userNamed(username)]).toEqual([made, user])
  })

  it('App2 refuses a reader that is not on its list, whoever wrote it into the table', async ({ task }) => {
    const readers = [`${localRoles.worker}-2`, localRoles.caller, localRoles.worker.replace('role/', 'role/x/')]
    const id = await keepWaiting(names(readers.length), { deliverTo: localRoles.worker })
    const before = creations()

    for (const [row, S] of readers.entries()) await tamper(rowKey({ job: id, row }), { deliver_to: { S } })
    await sendMessages(...readers.map((_, row) => [id, row] as const))
    const ended = await Promise.all(readers.map((_, row) => untilEnded(id, row)))

    countAttack(
      task,
      ended.map(({ state }) => state === 'done'),
    )
    expect(ended.map(({ state, code }) => [state, code])).toEqual(readers.map(() => ['failed', 'reader_not_allowed']))
    expect(creations()).toBe(before)
  })
})

// IAM gives the table to two functions; SECURITY.md says what whoever has it besides them can do. Nothing here is counted as an attack.
describe('what whoever may write the table gets', () => {
  const [thief, human] = [billing, 'mallory']

  it('a job in another role’s name, which sees it then', async () => {
    const id = await keepWaiting(names(1))
    await tamper(jobKey(id), { requested_by: { S: thief } })

    expect(await workOff([id, 0])).toMatchObject([{ requestedBy: thief, idempotencyKey: `job,${id},0` }])
  })

  it('a row in another human’s name', async () => {
    const id = await keepWaiting(names(1))
    await tamper(rowKey({ job: id, row: 0 }), { human_user_id: { S: human } })

    expect(await workOff([id, 0])).toMatchObject([{ humanUserId: human, password: passwordOf(0) }])
  })

  it('a generated password for any name and any role, of which App2 has the list, but no password of its own choice', async () => {
    const [given = '', made = ''] = names(2)
    const id = await keepWaiting([given])
    const deliver_to = { S: `${localRoles.worker}-2` }
    await tamper(rowKey({ job: id, row: 0 }), { deliver_to, username: { S: made } })

    expect(await workOff([id, 0])).toMatchObject([{ username: made, password: { deliverTo: deliver_to.S } }])
  })
})
