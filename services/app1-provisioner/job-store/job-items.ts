// The items of the table, as DynamoDB writes them, and back. The keys are `job` and `item`; of the index, `job` and `state_item`.
import type { AttributeValue } from '@aws-sdk/client-dynamodb'
import { ServiceError } from '#shared/errors.ts'
import { rowStates, type RowState } from '#shared/job-contract.ts'
import type { Job, JobHuman, ListedRow, NewJob, NewRow, RowId, RowPassword, StoredRow } from './job-store.ts'

export type Item = Record<string, AttributeValue>

/** The index in which a row stands under its state. */
export const byState = 'by_state'

/** Beside the jobs themselves: one item for each that the sweeper has to look at. */
export const openJobs = 'open'

/**
 * A partition of DynamoDB takes 1,000 writes a second, and a row costs two, with its place in the index. A job of 10,000 rows
 * under one key would take 20 seconds to write; under ten, it takes what the table gives.
 */
const rowsOfPartition = 1_000

export const jobKey = (id: string): Item => ({ job: { S: id }, item: { S: 'meta' } })

export const openKey = (id: string): Item => ({ job: { S: openJobs }, item: { S: id } })

export const rowKey = ({ job, row }: RowId): Item => ({ job: { S: partitionOf(job, row) }, item: { S: rowItem(row) } })

/** In the order of the rows. */
export function partitionsOf(job: string, total: number): string[] {
  return Array.from({ length: Math.ceil(total / rowsOfPartition) }, (_, index) =>
    partitionOf(job, index * rowsOfPartition),
  )
}

/** An id has no `#`. */
export function partitionOf(job: string, row: number): string {
  return `${job}#${Math.floor(row / rowsOfPartition)}`
}

/** In the order of the rows as text: five digits. */
export const rowItem = (row: number): string => `row#${digits(row)}`

export const stateItem = (state: RowState, row: number): string => `${state}#${digits(row)}`

const digits = (row: number): string => String(row).padStart(5, '0')

export function writeJob(job: NewJob): Item {
  return {
    ...jobKey(job.id),
    requested_by: { S: job.requestedBy },
    created_at: { S: job.createdAt },
    rows: { N: String(job.rows) },
    fingerprint: { S: job.fingerprint },
    expires_at: { N: String(job.expiresAt) },
    ...(job.human && writeHuman(job.human)),
    state: { S: 'loading' },
    loading_until: { N: '0' },
    data_keys: { L: [] },
  }
}

/** Throws `internal_error` for an item that is not one of ours. */
export function readJob(item: Item): Job {
  const state = text(item, 'state')
  if (state !== 'loading' && state !== 'ready' && state !== 'cancelled') malformed()
  return {
    id: text(item, 'job'),
    requestedBy: text(item, 'requested_by'),
    createdAt: text(item, 'created_at'),
    rows: number(item, 'rows'),
    fingerprint: text(item, 'fingerprint'),
    expiresAt: number(item, 'expires_at'),
    human: readHuman(item),
    state,
    loadingUntil: number(item, 'loading_until'),
    dataKeys: (item['data_keys']?.L ?? []).map(({ B: key }) => key ?? malformed()),
    endedAt: item['ended_at']?.S,
  }
}

function writeHuman({ issuer, sub, jti, evidence }: JobHuman): Item {
  return {
    human_issuer: { S: issuer },
    human_sub: { S: sub },
    ...(jti !== undefined && { human_jti: { S: jti } }),
    human_evidence: { S: evidence },
  }
}

/** All of it or nothing: a job that lost its evidence must not become one that nobody's token asked for. */
function readHuman(item: Item): JobHuman | undefined {
  const names = ['human_issuer', 'human_sub', 'human_jti', 'human_evidence']
  if (names.every((name) => item[name] === undefined)) return undefined
  return {
    issuer: text(item, 'human_issuer'),
    sub: text(item, 'human_sub'),
    jti: item['human_jti']?.S,
    evidence: text(item, 'human_evidence'),
  }
}

export function writeRow({ id, expiresAt }: Pick<Job, 'id' | 'expiresAt'>, row: NewRow, now: number): Item {
  return {
    ...rowKey({ job: id, row: row.row }),
    username: { S: row.username },
    human_user_id: { S: row.humanUserId },
    ...writePassword(row.password),
    state: { S: 'waiting' },
    state_item: { S: stateItem('waiting', row.row) },
    attempts: { N: '0' },
    touched_at: { N: String(now) },
    expires_at: { N: String(expiresAt) },
  }
}

/** Throws `internal_error` for an item that is not one of ours. */
export function readRow(item: Item): StoredRow {
  return {
    state: stateOf(text(item, 'state')),
    username: text(item, 'username'),
    humanUserId: text(item, 'human_user_id'),
    password: readPassword(item),
    attempts: number(item, 'attempts'),
    firstTriedAt: item['first_tried_at']?.N === undefined ? undefined : number(item, 'first_tried_at'),
  }
}

/** What a list needs of an item; the index has it all. */
export const listedAttributes = ['item', 'state_item', 'username', 'code', 'provisioning_id', 'secret_arn'] as const

/** Throws `internal_error` for an item that is not one of ours. */
export function readListedRow(item: Item): ListedRow {
  return {
    row: rowOf(item),
    username: text(item, 'username'),
    state: stateOf(text(item, 'state_item').replace(/#.*/, '')),
    code: item['code']?.S,
    provisioningId: item['provisioning_id']?.S,
    secretArn: item['secret_arn']?.S,
  }
}

export function rowOf(item: Item): number {
  const row = /^row#(\d{5})$/.exec(text(item, 'item'))?.[1]
  return row === undefined ? malformed() : Number(row)
}

export function text(item: Item, name: string): string {
  return item[name]?.S ?? malformed()
}

function number(item: Item, name: string): number {
  const value = Number(item[name]?.N ?? malformed())
  return Number.isFinite(value) ? value : malformed()
}

function writePassword(password: RowPassword): Item {
  if (password.sealed === undefined) return { deliver_to: { S: password.deliverTo } }
  return { sealed: { B: password.sealed }, key: { N: String(password.key) } }
}

function readPassword(item: Item): RowPassword | undefined {
  const deliverTo = item['deliver_to']?.S
  if (deliverTo !== undefined) return { deliverTo }
  const sealed = item['sealed']?.B
  return sealed === undefined ? undefined : { sealed, key: number(item, 'key') }
}

function stateOf(word: string): RowState {
  return rowStates.find((state) => state === word) ?? malformed()
}

function malformed(): never {
  throw new ServiceError('internal_error', { reason: 'job_item_malformed' })
}
