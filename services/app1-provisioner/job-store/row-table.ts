// The rows of jobs in DynamoDB. A row leaves `waiting` once, and its sealed password is gone then.
import { BatchWriteItemCommand, GetItemCommand, UpdateItemCommand, type WriteRequest } from '@aws-sdk/client-dynamodb'
import { rethrowMapped } from '#shared/aws/aws-errors.ts'
import type { RowState } from '#shared/job-contract.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import { mapBounded } from '#shared/time/map-bounded.ts'
import { chunksOf, type BackOff } from './back-off.ts'
import {
  byState,
  listedAttributes,
  partitionOf,
  partitionsOf,
  readListedRow,
  readRow,
  rowItem,
  rowKey,
  rowOf,
  stateItem,
  writeRow,
  type Item,
} from './job-items.ts'
import { ifHolds, queryPages, type TableDeps } from './job-table.ts'
import type { NewRow, RowTable, Settlement } from './job-store.ts'

/** Of one BatchWriteItem. https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html */
const rowsOfBatch = 25
/** The SDK has 50 sockets to one host. */
const callsAtOnce = 16

/** Needs GetItem, BatchWriteItem, UpdateItem and Query on the table, and Query on its index. */
export function createRowTable({ dynamo, table, backOff }: TableDeps & { readonly backOff: BackOff }): RowTable {
  async function writeBatch(batch: readonly WriteRequest[], deadline: Deadline): Promise<void> {
    let left = [...batch]
    for (let attempt = 0; ; attempt += 1) {
      const write = new BatchWriteItemCommand({ RequestItems: { [table]: left } })
      const answer = await dynamo.send(write, { abortSignal: deadline.signal() }).catch(rethrowMapped)
      left = answer.UnprocessedItems?.[table] ?? []
      if (left.length === 0) return
      await backOff(attempt, deadline)
    }
  }

  const pagesOf = (query: Parameters<typeof queryPages>[1], deadline: Deadline) =>
    queryPages({ dynamo, table }, query, deadline)

  return {
    async add(job, rows, now, deadline) {
      const batches = inTurn(job.id, rows).map((batch) =>
        batch.map((row) => ({ PutRequest: { Item: writeRow(job, row, now) } })),
      )
      await mapBounded(batches, { atOnce: callsAtOnce }, (batch) => writeBatch(batch, deadline))
    },

    async present({ id, expiresAt, rows: total }, deadline) {
      const rows = new Set<number>()
      await mapBounded(partitionsOf(id, total), { atOnce: callsAtOnce }, async (partition) => {
        const { ExpressionAttributeValues, ...keys } = ofRows(partition, { from: 0, total })
        const own = {
          ...keys,
          ExpressionAttributeValues: { ...ExpressionAttributeValues, ':own': { N: String(expiresAt) } },
          // DynamoDB removes the rows of a job that has expired in days, and not in the order of its items.
          FilterExpression: 'expires_at = :own',
          ...projection(['item']),
        }
        for await (const { items } of pagesOf(own, deadline)) for (const item of items) rows.add(rowOf(item))
      })
      return rows
    },

    async read(id, deadline) {
      const get = new GetItemCommand({ TableName: table, Key: rowKey(id), ConsistentRead: true })
      const { Item: item } = await dynamo.send(get, { abortSignal: deadline.signal() }).catch(rethrowMapped)
      return item && readRow(item)
    },

    async begin(id, now, deadline) {
      const update = new UpdateItemCommand({
        TableName: table,
        Key: rowKey(id),
        UpdateExpression: 'SET touched_at = :now, first_tried_at = if_not_exists(first_tried_at, :now)',
        ConditionExpression: '#state = :waiting',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ':now': { N: String(now) }, ':waiting': { S: 'waiting' } },
      })
      return (await ifHolds(() => dynamo.send(update, { abortSignal: deadline.signal() }))) !== undefined
    },

    async settle(id, settlement, { attempts, now }, deadline) {
      const result = Object.entries(resultOf(settlement))
      const update = new UpdateItemCommand({
        TableName: table,
        Key: rowKey(id),
        UpdateExpression:
          `SET #state = :state, state_item = :stateItem, touched_at = :now${result.map(([name]) => `, #${name} = :${name}`).join('')} ` +
          'ADD attempts :attempts REMOVE sealed, #key',
        ConditionExpression:
          settlement.state === 'cancelled'
            ? '#state = :waiting AND attribute_not_exists(first_tried_at)'
            : '#state = :waiting',
        ExpressionAttributeNames: {
          '#state': 'state',
          '#key': 'key',
          ...Object.fromEntries(result.map(([name]) => [`#${name}`, name])),
        },
        ExpressionAttributeValues: {
          ...Object.fromEntries(result.map(([name, value]) => [`:${name}`, value])),
          ':state': { S: settlement.state },
          ':stateItem': { S: stateItem(settlement.state, id.row) },
          ':now': { N: String(now) },
          ':attempts': { N: String(attempts) },
          ':waiting': { S: 'waiting' },
        },
      })
      return (await ifHolds(() => dynamo.send(update, { abortSignal: deadline.signal() }))) !== undefined
    },

    async countAttempts(id, { attempts, now }, deadline) {
      const update = new UpdateItemCommand({
        TableName: table,
        Key: rowKey(id),
        UpdateExpression: 'SET touched_at = :now ADD attempts :attempts',
        ConditionExpression: '#state = :waiting',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':now': { N: String(now) },
          ':attempts': { N: String(attempts) },
          ':waiting': { S: 'waiting' },
        },
      })
      await ifHolds(() => dynamo.send(update, { abortSignal: deadline.signal() }))
    },

    async count(job, total, deadline) {
      // Rows move while they are counted, and only away from `waiting`: so what waits is the rest, and no row is missed.
      const counts = { done: 0, failed: 0, cancelled: 0 }
      const ended = ['done', 'failed', 'cancelled'] as const
      const counted = partitionsOf(job, total).flatMap((partition) => ended.map((state) => ({ partition, state })))
      await mapBounded(counted, { atOnce: callsAtOnce }, async ({ partition, state }) => {
        const query = { ...inState(partition, state, { from: 0, total }), Select: 'COUNT' } as const
        for await (const { count } of pagesOf(query, deadline)) counts[state] += count
      })
      return { ...counts, waiting: total - counts.done - counts.failed - counts.cancelled }
    },

    async list(job, total, { state, after, limit }, deadline) {
      const found: Item[] = []
      const first = partitionOf(job, after + 1)
      const partitions = partitionsOf(job, total)
      for (const partition of partitions.slice(Math.max(0, partitions.indexOf(first)))) {
        if (found.length >= limit || after + 1 >= total) break
        const place = { from: after + 1, total }
        const keys = state === undefined ? ofRows(partition, place) : inState(partition, state, place)
        const query = { ...keys, ...projection(listedAttributes), Limit: limit - found.length }
        for await (const { items } of pagesOf(query, deadline)) {
          found.push(...items)
          if (found.length >= limit) break
        }
      }
      return found.slice(0, limit).map(readListedRow)
    },

    async waitingSince(job, total, untouchedSince, deadline) {
      const rows: number[] = []
      await mapBounded(partitionsOf(job, total), { atOnce: callsAtOnce }, async (partition) => {
        const { ExpressionAttributeValues, ...keys } = ofRows(partition, { from: 0, total })
        const filtered = {
          ...keys,
          ExpressionAttributeValues: {
            ...ExpressionAttributeValues,
            ':waiting': { S: 'waiting' },
            ':since': { N: String(untouchedSince) },
          },
          FilterExpression: '#state = :waiting AND touched_at <= :since',
          ProjectionExpression: '#item',
          ExpressionAttributeNames: { '#state': 'state', '#item': 'item' },
        }
        for await (const { items } of pagesOf(filtered, deadline)) rows.push(...items.map(rowOf))
      })
      return rows.sort((one, other) => one - other)
    },
  }
}

/** Batches of rows, one of each partition in turn: written in the order of the rows, they would all go to one at a time. */
function inTurn(job: string, rows: readonly NewRow[]): NewRow[][] {
  const partitions = Object.values(Object.groupBy(rows, ({ row }) => partitionOf(job, row)))
  const batches = partitions.flatMap((ofOne = []) =>
    chunksOf(ofOne, rowsOfBatch).map((batch, turn) => ({ batch, turn })),
  )
  return batches.sort((one, other) => one.turn - other.turn).map(({ batch }) => batch)
}

function resultOf(settlement: Settlement): Item {
  switch (settlement.state) {
    case 'done': {
      const { provisioningId, secretArn } = settlement
      return {
        provisioning_id: { S: provisioningId },
        ...(secretArn !== undefined && { secret_arn: { S: secretArn } }),
      }
    }
    case 'failed':
      return { code: { S: settlement.code } }
    case 'cancelled':
      return {}
  }
}

/** The rows from `from` on, and none behind the last: a longer job of the same id may have left some. */
type Place = { readonly from: number; readonly total: number }

/** Its caller names `#item`. */
function ofRows(partition: string, { from, total }: Place) {
  return {
    KeyConditionExpression: 'job = :job AND #item BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ':job': { S: partition },
      ':from': { S: rowItem(from) },
      ':to': { S: rowItem(total - 1) },
    },
  }
}

function inState(partition: string, state: RowState, { from, total }: Place) {
  return {
    IndexName: byState,
    KeyConditionExpression: 'job = :job AND state_item BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ':job': { S: partition },
      ':from': { S: stateItem(state, from) },
      ':to': { S: stateItem(state, total - 1) },
    },
  }
}

/** By placeholders: which words are reserved changes with time. */
function projection(attributes: readonly string[]) {
  return {
    ProjectionExpression: attributes.map((name) => `#${name}`).join(', '),
    ExpressionAttributeNames: Object.fromEntries(attributes.map((name) => [`#${name}`, name])),
  }
}
