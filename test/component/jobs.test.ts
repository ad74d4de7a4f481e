// Jobs over HTTP, at the real handlers of both apps, with table, queue and workers of one machine.
import { AdminGetUserCommand, AdminListGroupsForUserCommand } from '@aws-sdk/client-cognito-identity-provider'
import { ScanCommand } from '@aws-sdk/client-dynamodb'
import { SendMessageBatchCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAwsClients } from '#infra/local/aws-clients.ts'
import { localRoles } from '#infra/local/local-signers.ts'
import { createJobClients, type JobClients } from '#infra/local/set-up/job-resources.ts'
import type { Clients } from '#infra/local/set-up/resource-type.ts'
import type { JobRows, JobStatus } from '#shared/job-contract.ts'
import {
  call,
  post,
  serviceToken,
  startInProcessPair,
  type Answer,
  type InProcessPair,
} from '../support/in-process-pair.ts'
import { readDelivered, signInWith } from '../support/password-reader.ts'
import { goodPassword } from '../support/requests.ts'
import { secretsFoundIn } from '../support/search-secrets.ts'

let running: InProcessPair
let clients: JobClients
/** The role that generated passwords are delivered to. */
let asWorker: Clients

beforeAll(async () => {
  const localAws = { principals: new Map([['worker', localRoles.worker]]) }
  running = await startInProcessPair({ jobs: true, passwordReaders: [localRoles.worker], localAws })
  const where = { endpoint: running.aws.url, region: running.aws.region }
  asWorker = createAwsClients({
    ...where,
    environment: { AWS_ACCESS_KEY_ID: 'worker', AWS_SECRET_ACCESS_KEY: 'worker' },
  })
  const environment = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' }
  clients = createJobClients({ ...where, environment })
  // On a busy machine a call can be given up: then the message comes again in seconds, and not in minutes.
  const { queueUrl: QueueUrl = '' } = running.pair.provisioned.jobs ?? {}
  await clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '3' } }))
})
afterAll(async () => {
  clients.dynamo.destroy()
  clients.sqs.destroy()
  await running.close()
})

type Row = { readonly username: string; readonly human_user_id: string; readonly password: unknown }

let jobs = 0
/** Names that no other test has. */
function rowsOf(count: number, password: unknown = goodPassword): Row[] {
  jobs += 1
  const human_user_id = 'alice@example.com'
  return Array.from({ length: count }, (_, row) => ({ username: `job${jobs}-${row}`, human_user_id, password }))
}

const send = (rows: readonly Row[], key: string = randomUUID(), query = ''): Promise<Answer> =>
  post(`${running.pair.app1Url}/jobs${query}`, { rows }, { 'idempotency-key': key })
const idOf = (answer: Answer): string => (answer.body as { job_id: string }).job_id
const look = async (id: string): Promise<JobStatus> =>
  (await call('GET', `${running.pair.app1Url}/jobs/${id}`)).body as JobStatus
const listRows = async (id: string, query = ''): Promise<JobRows> =>
  (await call('GET', `${running.pair.app1Url}/jobs/${id}/rows${query}`)).body as JobRows

async function untilNothingWaits(id: string): Promise<JobStatus['rows']> {
  for (;;) {
    const { rows } = await look(id)
    if (rows.waiting === 0) return rows
    await sleep(50)
  }
}

async function accept(rows: readonly Row[], key?: string): Promise<string> {
  const answer = await send(rows, key)
  expect(answer).toMatchObject({ status: 202, body: { status_url: `/jobs/${idOf(answer)}` } })
  return idOf(answer)
}

const pool = () => ({ UserPoolId: running.pair.provisioned.userPoolId })
const calls = (operation: string): number =>
  running.aws.calls.filter((call) => call.operation === operation && call.error === undefined).length

describe('a job', () => {
  it('makes each of its users, in their group, and says which user is which row’s', async () => {
    const rows = rowsOf(12)
    const id = await accept(rows)

    expect(await untilNothingWaits(id)).toEqual({ total: 12, waiting: 0, done: 12, failed: 0, cancelled: 0 })

    const { rows: listed } = await listRows(id)
    expect(listed.map(({ row, username, state }) => [row, username, state])).toEqual(
      rows.map(({ username }, row) => [row, username, 'done']),
    )
    const { cognito } = running.pair.clients
    for (const { username, provisioning_id } of listed) {
      const user = await cognito.send(new AdminGetUserCommand({ ...pool(), Username: username }))
      expect(user).toMatchObject({ UserStatus: 'CONFIRMED', Enabled: true })
      expect(user.UserAttributes).toContainEqual({ Name: 'custom:provisioning_id', Value: provisioning_id })
      const { Groups } = await cognito.send(new AdminListGroupsForUserCommand({ ...pool(), Username: username }))
      expect(Groups).toMatchObject([{ GroupName: 'service-user' }])
    }
    await serviceToken(running.pair, rows[0]?.username ?? '', goodPassword)
  })

  it('is listed a page at a time, and by state', async () => {
    const id = await accept(rowsOf(5))
    await untilNothingWaits(id)

    const first = await listRows(id, '?limit=3')
    const second = await listRows(id, `?limit=3&cursor=${first.cursor ?? ''}`)

    expect([...first.rows, ...second.rows].map(({ row }) => row)).toEqual([0, 1, 2, 3, 4])
    expect(second.cursor).toBeUndefined()
    expect((await listRows(id, '?state=failed')).rows).toEqual([])
  })

  it('that is sent again whole is the same job, and makes nobody twice', async () => {
    const [rows, key] = [rowsOf(4), randomUUID()]
    const id = await accept(rows, key)
    await untilNothingWaits(id)
    const made = calls('AdminCreateUser')

    expect(await accept(rows, key)).toBe(id)
    await sleep(300)

    expect(calls('AdminCreateUser')).toBe(made)
    expect(await send(rows.slice(1), key)).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } })
  })

  it('whose messages are all delivered again changes nothing', async () => {
    const rows = rowsOf(4)
    const id = await accept(rows)
    await untilNothingWaits(id)
    const before = await listRows(id)
    const made = calls('AdminCreateUser')

    const Entries = rows.map((_, row) => ({ Id: String(row), MessageBody: JSON.stringify({ job: id, row }) }))
    const { queueUrl: QueueUrl = '' } = running.pair.provisioned.jobs ?? {}
    await clients.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }))
    await sleep(500)

    expect(await listRows(id)).toEqual(before)
    expect(calls('AdminCreateUser')).toBe(made)
  })

  it('has a failed row for a name that is taken, and the user stays as it was', async () => {
    const rows = rowsOf(3)
    const taken = rows[1]?.username ?? ''
    await post(`${running.pair.app1Url}/create-service-user`, { ...rows[1], password: 'Correct-Horse-9-Battery' })

    const id = await accept(rows)

    expect(await untilNothingWaits(id)).toMatchObject({ done: 2, failed: 1 })
    expect((await listRows(id, '?state=failed')).rows).toMatchObject([{ row: 1, username: taken, code: 'user_exists' }])
    await serviceToken(running.pair, taken, 'Correct-Horse-9-Battery')
  })

  it('that is cancelled makes no more, and keeps what it made', async () => {
    const id = await accept(rowsOf(40))

    const answer = await call('POST', `${running.pair.app1Url}/jobs/${id}/cancel`)

    expect(answer).toMatchObject({ status: 200, body: { state: 'cancelling' } })
    const { done, cancelled } = await untilNothingWaits(id)
    expect(cancelled).toBeGreaterThan(0)
    expect(done + cancelled).toBe(40)
    expect(await look(id)).toMatchObject({ state: 'cancelled' })
  })

  it('waits out failures on the way, and makes each user once', async () => {
    running.aws.setFaults([
      { operation: 'AdminCreateUser', kind: 'throttled', when: 'before', calls: { next: 4 } },
      { operation: 'AdminSetUserPassword', kind: 'internal_error', when: 'after', calls: { next: 4 } },
      { operation: 'UpdateItem', kind: 'internal_error', when: 'after', calls: { next: 2 } },
    ])
    const rows = rowsOf(4)
    const id = await accept(rows)

    expect(await untilNothingWaits(id)).toMatchObject({ done: 4, failed: 0 })
    running.aws.setFaults([])
    for (const { username } of rows) await serviceToken(running.pair, username, goodPassword)
  })

  it('with generated passwords names the secret of each, by which its user signs in', async () => {
    const id = await accept(rowsOf(3, { generate: { deliver_to: localRoles.worker } }))
    await untilNothingWaits(id)

    for (const { secret_arn: arn = '', username } of (await listRows(id)).rows) {
      const delivered = await readDelivered(asWorker.secrets, arn)
      expect(delivered?.username).toBe(username)
      expect(delivered && (await signInWith(running.pair.clients.cognito, delivered))).toMatch(/^eyJ/)
    }
  })
})

describe('a password of a job', () => {
  it('is in no message, and in no item once its row is over; it is nowhere as it is', async () => {
    const canary = 'Canary-Horse-4711-Battery'
    const id = await accept(rowsOf(3, canary))
    await untilNothingWaits(id)

    const { table: TableName = '' } = running.pair.provisioned.jobs ?? {}
    const { Items = [] } = await clients.dynamo.send(new ScanCommand({ TableName }))
    const ofJob = Items.filter((item) => item['job']?.S?.startsWith(id))
    expect(ofJob).toHaveLength(4)
    expect(ofJob.filter((item) => 'sealed' in item)).toEqual([])
    expect(secretsFoundIn([JSON.stringify(Items), running.output()].join('\n'), [canary])).toEqual([])
  })
})

describe('a dry run', () => {
  it('says what each row would do, and does nothing', async () => {
    const rows = rowsOf(2)
    await post(`${running.pair.app1Url}/create-service-user`, rows[0])
    const made = calls('AdminCreateUser')

    expect(await send(rows, 'k', '?dry_run=true')).toMatchObject({
      status: 200,
      body: {
        rows: [
          { row: 0, would: 'refuse', code: 'user_exists' },
          { row: 1, would: 'create' },
        ],
      },
    })
    expect(calls('AdminCreateUser')).toBe(made)
  })

  it('of a job that was sent knows its rows, and refuses others under its key', async () => {
    const [rows, key] = [rowsOf(2), randomUUID()]
    await untilNothingWaits(await accept(rows, key))

    expect(await send(rows, key, '?dry_run=true')).toMatchObject({
      status: 200,
      body: { rows: [{ would: 'repeat' }, { would: 'repeat' }] },
    })
    expect(await send(rows.slice(1), key, '?dry_run=true')).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    })
  })

  it('of a creation knows a repeat by its key', async () => {
    const [row] = rowsOf(1)
    const create = (key: string, query = ''): Promise<Answer> =>
      post(`${running.pair.app1Url}/create-service-user${query}`, row, { 'idempotency-key': key })
    expect(await create('k', '?dry_run=true')).toMatchObject({ status: 200, body: { would: 'create' } })
    await create('k')

    expect(await create('k', '?dry_run=true')).toMatchObject({ status: 200, body: { would: 'repeat' } })
    expect(await create('k2', '?dry_run=true')).toMatchObject({ body: { would: 'refuse', code: 'user_exists' } })
  })
})
