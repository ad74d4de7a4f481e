// The run itself: the pair, a job in peace, the same under faults and kills, and the count in the pool when all is settled.
import { setTimeout as sleep } from 'node:timers/promises'
import { GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs'
import { draw } from '../../../../infra/emulators/aws/faults.ts'
import { startLocalAws, type LocalAws } from '../../../../infra/emulators/aws/server.ts'
import { createAwsClients } from '../../../../infra/local/aws-clients.ts'
import { localRoles, newLocalSigner } from '../../../../infra/local/local-signers.ts'
import { toEnvironment } from '../../../../infra/local/pair-credentials.ts'
import { jobPace } from '../../../../infra/local/pair-modes.ts'
import { region, startPair, type Pair } from '../../../../infra/local/pair.ts'
import { createJobClients } from '../../../../infra/local/set-up/job-resources.ts'
import { signIn } from '../../../../infra/local/sign-in.ts'
import type { JobRow } from '../../../../shared/job-contract.ts'
import { SecretValue } from '../../../../shared/text/secret-value.ts'
import { readDelivered, signInWith } from '../../../support/password-reader.ts'
import { readPoolUsers } from '../load/pool-users.ts'
import { planBulkFaults } from './bulk-faults.ts'
import { createBulkFunctions, type BulkFunctions, type FailedAttempts, type Heap } from './bulk-functions.ts'
import { createJobClient, type BulkRow, type JobClient } from './job-client.ts'
import { createSingles, type Singles } from './single-creations.ts'
import { tallyRows, type RowTally } from './tally-rows.ts'

export type BulkOptions = {
  readonly rows: number
  /** Of Cognito's quotas, and of the rates with them. */
  readonly scale: number
  /** The share of rows whose password is generated. */
  readonly generated: number
  readonly seed: number
  readonly workers: number
  /** The share of calls of AWS that fail. */
  readonly faults: number
}

/** Rows a second, while rows lay in the queue. */
export type Rate = {
  readonly rows: number
  readonly admitted: number
  readonly reached: number
  readonly ms: number
}

export type BulkRun = {
  readonly tally: RowTally
  readonly kills: number
  readonly failedAttempts: FailedAttempts
  readonly quiet: Rate
  readonly disturbed: Rate
  /** When a tenth of the rows was worked off, and when all were. */
  readonly heap: readonly [Heap, Heap]
  readonly singles: { readonly without: Singles; readonly during: Singles }
  /** Operations of one row, in their order. */
  readonly calls: { readonly given: readonly string[]; readonly generated: readonly string[] }
  readonly signedIn: number
}

/** On average: as often for a row at any scale, up to one that no machine keeps up with. */
const killEveryMs = (scale: number): number => 10_000 / Math.min(scale, 4)
/** What a killed instance was at comes back after that. Rows that are tried again take longer than the half of it, at times. */
const visibilitySecondsOf = (scale: number): number => Math.max(10, Math.min(20, Math.round(40 / scale)))
const sweepMs = 5_000
const lookEveryMs = 1_000
const signInSamples = 200
/** Single creations without a job. */
const aloneMs = (rows: number): number => Math.min(10_000, rows * 20)

/** Enough to have every instance warm. */
function quietRows({ rows, workers }: Pick<BulkOptions, 'rows' | 'workers'>): number {
  return Math.max(Math.round(rows / 10), 10 * workers)
}

type Setting = {
  readonly pair: Pair
  readonly aws: LocalAws
  readonly functions: BulkFunctions
  readonly client: JobClient
  /** Messages that lie in the queue, for anybody to take. */
  readonly queued: () => Promise<number>
  readonly admitted: number
}

export async function runBulk(options: BulkOptions): Promise<BulkRun> {
  await using started = new AsyncDisposableStack()
  const reader = newLocalSigner('worker')
  const principals = new Map([[reader.accessKeyId, localRoles.worker]])
  const aws = await startLocalAws({ tables: true, queues: true, principals })
  started.defer(() => aws.close())
  const functions = createBulkFunctions()
  const pace = {
    ...jobPace,
    creationsPerSecond: jobPace.creationsPerSecond * options.scale,
    workers: options.workers,
    sweepMs,
  }
  const pair = await startPair({
    awsEndpoint: aws.url,
    jobs: true,
    passwordReaders: [localRoles.worker],
    jobPace: pace,
    startFunction: functions.start,
  })
  started.defer(() => pair.close())
  const client = createJobClient(pair.app1Url)
  const queued = await shortenVisibility(aws.url, pair, visibilitySecondsOf(options.scale))
  const setting = { pair, aws, functions, client, queued, admitted: pace.bulkShare * pace.creationsPerSecond }
  aws.setQuotaScale(options.scale)

  const makeRows = (prefix: string, count: number): BulkRow[] =>
    Array.from({ length: count }, (_, index) => rowOf(`${prefix}-${index}`, index, options.generated))

  const quiet = await workOff(setting, 'quiet', makeRows('quiet', quietRows(options)))
  const calls = {
    given: await callsOfOneRow(setting, rowOf('one-given', 0, 0)),
    generated: await callsOfOneRow(setting, rowOf('one-generated', 0, 1)),
  }

  aws.setFaults(planBulkFaults({ rate: options.faults, seed: options.seed }))
  const without = await createSingles(pair.app1Url, 'single-without', sleep(aloneMs(options.rows)))
  const killing = killAtRandom(functions, options)
  const working = workOff(setting, 'disturbed', makeRows('disturbed', options.rows), killing.stop)
  const [disturbed, during] = await Promise.all([working, createSingles(pair.app1Url, 'single-during', working)])
  const kills = await killing.ended
  aws.setFaults([])
  aws.setQuotaScale(undefined)

  const rows = [...quiet.rows, ...disturbed.rows]
  const signIns = await signInSample(
    rows,
    pair,
    createAwsClients({ ...whereOf(aws), environment: toEnvironment(reader) }),
  )
  const tally = tallyRows({
    rows,
    users: await readPoolUsers(pair.clients.cognito, pair.provisioned.userPoolId),
    others: new Set([...without.usernames, ...during.usernames, 'one-given', 'one-generated']),
    signInFailures: signIns.failures,
  })
  return {
    tally,
    kills,
    failedAttempts: functions.failedAttempts(),
    quiet: quiet.rate,
    disturbed: disturbed.rate,
    heap: [disturbed.heapAtTenth, await functions.heldHeap()],
    singles: { without, during },
    calls,
    signedIn: signIns.tried - signIns.failures.size,
  }
}

const whereOf = (aws: LocalAws) => ({ endpoint: aws.url, region })

/** Gives how to ask how many messages lie there. */
async function shortenVisibility(
  endpoint: string,
  { provisioned }: Pair,
  seconds: number,
): Promise<() => Promise<number>> {
  const environment = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' }
  const { sqs } = createJobClients({ endpoint, region, environment })
  const QueueUrl = provisioned.jobs?.queueUrl
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: String(seconds) } }))
  return async () => {
    const AttributeNames = ['ApproximateNumberOfMessages'] as const
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] }),
    )
    return Number(Attributes?.ApproximateNumberOfMessages)
  }
}

/** Generated passwords are spread evenly. */
function rowOf(username: string, index: number, generated: number): BulkRow {
  const isGenerated = Math.floor((index + 1) * generated) > Math.floor(index * generated)
  const password = isGenerated ? { generate: { deliver_to: localRoles.worker } } : givenPassword(username)
  return { username, human_user_id: 'bulk@example.com', password }
}

const givenPassword = (username: string): string => `Bulk-password-1-${username}`

type WorkedOff = { readonly rate: Rate; readonly rows: readonly JobRow[]; readonly heapAtTenth: Heap }

/**
 * The rate is that from the first row until no message lies in the queue. What follows waits for messages that a killed instance had
 * or that were given back, and not for its turn; `onShort` is called then.
 */
async function workOff(
  setting: Setting,
  key: string,
  rows: readonly BulkRow[],
  onShort = (): void => undefined,
): Promise<WorkedOff> {
  const { client, queued, functions, admitted } = setting
  const id = await client.post(key, rows)
  const looks: { readonly at: number; readonly ended: number }[] = []
  let heapAtTenth: Heap | undefined
  let isShort = false
  for (;;) {
    const [lying, status] = await Promise.all([queued().catch(() => 1), client.show(id)])
    const ended = rows.length - status.rows.waiting
    isShort ||= looks.length > 1 && lying === 0
    if (isShort) onShort()
    if (ended > 0 && !isShort) looks.push({ at: performance.now(), ended })
    if (ended >= rows.length / 10) heapAtTenth ??= await functions.heldHeap()
    if (status.rows.waiting === 0) {
      onShort()
      break
    }
    await sleep(lookEveryMs)
  }
  const [first, last] = [looks[0], looks.at(-1)]
  const ms = (last?.at ?? NaN) - (first?.at ?? NaN)
  const reached = (((last?.ended ?? NaN) - (first?.ended ?? NaN)) * 1_000) / ms
  return {
    rate: { rows: rows.length, admitted, reached, ms },
    rows: await client.rowsOf(id),
    heapAtTenth: heapAtTenth ?? (await functions.heldHeap()),
  }
}

/** What belongs to the queue's poller and to the sweep. */
const besideTheRow = new Set(['ReceiveMessage', 'Query', 'GetQueueAttributes'])

/** From the sent message to the deleted one, on instances that are warm. */
async function callsOfOneRow({ client, aws }: Setting, row: BulkRow): Promise<readonly string[]> {
  const from = aws.calls.length
  await client.post(row.username, [row])
  let calls: string[]
  do {
    await sleep(100)
    calls = aws.calls.slice(from).map(({ operation }) => operation)
  } while (!calls.includes('DeleteMessageBatch'))
  return calls.slice(calls.indexOf('SendMessageBatch') + 1).filter((operation) => !besideTheRow.has(operation))
}

function killAtRandom(
  { kill }: BulkFunctions,
  { scale, seed }: Pick<BulkOptions, 'scale' | 'seed'>,
): { readonly stop: () => void; readonly ended: Promise<number> } {
  const stopping = new AbortController()
  let kills = 0
  const ended = (async () => {
    for (;;) {
      const stopped = await sleep(killEveryMs(scale) * 2 * draw(seed, kills), false, stopping).catch(() => true)
      if (stopped) return kills
      kills += 1
      await kill(draw(seed + 1, kills))
    }
  })()
  return {
    stop: () => {
      stopping.abort()
    },
    ended,
  }
}

/** With what the reader finds in the user's secret, or with what the row gave. */
async function signInSample(
  rows: readonly JobRow[],
  { clients, provisioned }: Pair,
  { secrets }: Pick<Pair['clients'], 'secrets'>,
): Promise<{ readonly tried: number; readonly failures: ReadonlySet<string> }> {
  const done = rows.filter(({ state }) => state === 'done')
  const every = Math.max(1, Math.ceil(done.length / signInSamples))
  const sample = done.filter((_, index) => index % every === 0)
  const { userPoolId, serviceClientId: clientId } = provisioned
  const failures = new Set<string>()
  for (const { username, secret_arn: secretArn } of sample) {
    const signing = async (): Promise<unknown> => {
      if (secretArn === undefined) {
        const password = new SecretValue(givenPassword(username))
        return signIn(clients.cognito, { userPoolId, clientId, username, password })
      }
      const delivered = await readDelivered(secrets, secretArn)
      return delivered && signInWith(clients.cognito, delivered)
    }
    const token = await signing().catch(() => undefined)
    if (token === undefined) failures.add(username)
  }
  return { tried: sample.length, failures }
}
