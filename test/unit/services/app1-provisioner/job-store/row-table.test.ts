import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  InternalServerError,
  QueryCommand,
  UpdateItemCommand,
  type WriteRequest,
} from '@aws-sdk/client-dynamodb'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it } from 'vitest'
import { createBackOff } from '#services/app1-provisioner/job-store/back-off.ts'
import { writeRow } from '#services/app1-provisioner/job-store/job-items.ts'
import type { NewRow } from '#services/app1-provisioner/job-store/job-store.ts'
import { createRowTable } from '#services/app1-provisioner/job-store/row-table.ts'
import { farDeadline, pastDeadline } from '#test/support/deadlines.ts'
import { jobId, keptJob, reader } from '#test/support/jobs.ts'
import { mockClient } from '#test/support/mock-client.ts'
import { provisioningId } from '#test/support/requests.ts'

const dynamo = mockClient(DynamoDBClient)
const waits: number[] = []
const backOff = createBackOff({
  sleep: (ms) => {
    waits.push(ms)
    return Promise.resolve()
  },
  random: () => 0.5,
})
const rows = createRowTable({ dynamo: new DynamoDBClient({ region: 'eu-west-1' }), table: 'jobs', backOff })

const id = { job: jobId, row: 42 }
const key = { job: { S: `${jobId}#0` }, item: { S: 'row#00042' } }
const refused = new ConditionalCheckFailedException({ message: 'canary', $metadata: {} })

const newRow = (row: number): NewRow => ({
  row,
  username: `worker-${row}`,
  humanUserId: 'alice',
  password: { sealed: Buffer.of(1, 2), key: 0 },
})
const newRows = (count: number): NewRow[] => Array.from({ length: count }, (_, row) => newRow(row))

const batches = (): WriteRequest[][] =>
  dynamo.commandCalls(BatchWriteItemCommand).map(({ args: [{ input }] }) => input.RequestItems?.['jobs'] ?? [])
const written = (): string[] =>
  batches().flatMap((batch) => batch.map(({ PutRequest }) => PutRequest?.Item?.['item']?.S ?? ''))

beforeEach(() => {
  dynamo.reset()
  waits.length = 0
})

describe('the table of rows', () => {
  it.each([
    [1, 1],
    [25, 1],
    [26, 2],
    [10_000, 400],
  ])('writes %i rows in %i batches, each row once', async (count, calls) => {
    dynamo.on(BatchWriteItemCommand).resolves({})

    await rows.add(keptJob(), newRows(count), 0, farDeadline())

    expect(batches()).toHaveLength(calls)
    expect(new Set(written()).size).toBe(count)
  })

  it('spreads a long job over its partitions from the first call on', async () => {
    dynamo.on(BatchWriteItemCommand).resolves({})

    await rows.add(keptJob(), newRows(10_000), 0, farDeadline())

    const partitions = batches().map((batch) => batch[0]?.PutRequest?.Item?.['job']?.S)
    expect(partitions.slice(0, 10)).toEqual(Array.from({ length: 10 }, (_, index) => `${jobId}#${index}`))
  })

  it('writes a row with all that it needs, and when it is forgotten', async () => {
    dynamo.on(BatchWriteItemCommand).resolves({})

    await rows.add(
      keptJob(),
      [newRow(42), { ...newRow(1), password: { deliverTo: reader } }],
      1_767_225_600_000,
      farDeadline(),
    )

    expect(batches()[0]?.map(({ PutRequest }) => PutRequest?.Item)).toEqual([
      {
        ...key,
        username: { S: 'worker-42' },
        human_user_id: { S: 'alice' },
        sealed: { B: Buffer.of(1, 2) },
        key: { N: '0' },
        state: { S: 'waiting' },
        state_item: { S: 'waiting#00042' },
        attempts: { N: '0' },
        touched_at: { N: '1767225600000' },
        expires_at: { N: '1769817600' },
      },
      expect.objectContaining({ deliver_to: { S: reader } }),
    ])
  })

  it('repeats what was not processed, after a while', async () => {
    const left = [{ PutRequest: { Item: writeRow(keptJob(), newRow(1), 0) } }]
    dynamo
      .on(BatchWriteItemCommand)
      .resolvesOnce({ UnprocessedItems: { jobs: left } })
      .resolvesOnce({ UnprocessedItems: { jobs: left } })
      .resolves({})

    await rows.add(keptJob(), newRows(2), 0, farDeadline())

    expect(batches().map((batch) => batch.length)).toEqual([2, 1, 1])
    expect(waits).toEqual([25, 50])
  })

  it('gives up what is not processed before the deadline', async () => {
    dynamo
      .on(BatchWriteItemCommand)
      .resolves({ UnprocessedItems: { jobs: [{ PutRequest: { Item: writeRow(keptJob(), newRow(0), 0) } }] } })

    await expect(rows.add(keptJob(), newRows(1), 0, pastDeadline())).rejects.toMatchObject({ code: 'throttled' })
  })

  it('begins no more batches after one has failed', async () => {
    dynamo.on(BatchWriteItemCommand).rejects(new InternalServerError({ message: 'canary', $metadata: {} }))

    await expect(rows.add(keptJob(), newRows(10_000), 0, farDeadline())).rejects.toMatchObject({
      code: 'upstream_unavailable',
    })
    expect(batches().length).toBeLessThanOrEqual(16)
  })

  it('knows which rows are there, in all partitions and pages, and none of an older job of its id', async () => {
    const ofRows = (partition: number) => ({
      ...{ ':job': { S: `${jobId}#${partition}` }, ':own': { N: '1769817600' } },
      ...{ ':from': { S: 'row#00000' }, ':to': { S: 'row#01000' } },
    })
    dynamo.on(QueryCommand).resolves({ Items: [] })
    dynamo
      .on(QueryCommand, { ExpressionAttributeValues: ofRows(0) })
      .resolvesOnce({ Items: [{ item: { S: 'row#00000' } }], LastEvaluatedKey: key })
      .resolves({ Items: [{ item: { S: 'row#00999' } }] })
      .on(QueryCommand, { ExpressionAttributeValues: ofRows(1) })
      .resolves({ Items: [{ item: { S: 'row#01000' } }] })

    expect(await rows.present(keptJob({ rows: 1_001 }), farDeadline())).toEqual(new Set([0, 999, 1_000]))
  })

  it('reads a row back as it was written, and nothing for one that is not there', async () => {
    const tried = { first_tried_at: { N: '7' }, attempts: { N: '3' } }
    dynamo
      .on(GetItemCommand)
      .resolvesOnce({ Item: { ...writeRow(keptJob(), newRow(42), 0), ...tried } })
      .resolvesOnce({ Item: writeRow(keptJob(), { ...newRow(42), password: { deliverTo: reader } }, 0) })
      .resolves({})

    expect(await rows.read(id, farDeadline())).toEqual({
      state: 'waiting',
      username: 'worker-42',
      humanUserId: 'alice',
      password: { sealed: Buffer.of(1, 2), key: 0 },
      attempts: 3,
      firstTriedAt: 7,
    })
    expect(await rows.read(id, farDeadline())).toMatchObject({
      password: { deliverTo: reader },
      firstTriedAt: undefined,
    })
    expect(await rows.read(id, farDeadline())).toBeUndefined()
    expect(dynamo).toHaveReceivedCommandWith(GetItemCommand, { Key: key, ConsistentRead: true })
  })

  it.each<[Parameters<typeof rows.settle>[1], string, object]>([
    [
      { state: 'done', provisioningId, secretArn: 'arn:secret' },
      ', #provisioning_id = :provisioning_id, #secret_arn = :secret_arn',
      { ':provisioning_id': { S: provisioningId }, ':secret_arn': { S: 'arn:secret' } },
    ],
    [
      { state: 'done', provisioningId, secretArn: undefined },
      ', #provisioning_id = :provisioning_id',
      { ':provisioning_id': { S: provisioningId } },
    ],
    [{ state: 'failed', code: 'user_exists' }, ', #code = :code', { ':code': { S: 'user_exists' } }],
    [{ state: 'cancelled' }, '', {}],
  ])('settles a row that waits as %j, and removes its sealed password', async (settlement, more, values) => {
    dynamo.on(UpdateItemCommand).resolvesOnce({}).rejects(refused)

    expect(await rows.settle(id, settlement, { attempts: 2, now: 9 }, farDeadline())).toBe(true)
    expect(await rows.settle(id, settlement, { attempts: 2, now: 9 }, farDeadline())).toBe(false)

    expect(dynamo).toHaveReceivedCommandWith(UpdateItemCommand, {
      Key: key,
      UpdateExpression: `SET #state = :state, state_item = :stateItem, touched_at = :now${more} ADD attempts :attempts REMOVE sealed, #key`,
      ConditionExpression:
        settlement.state === 'cancelled'
          ? '#state = :waiting AND attribute_not_exists(first_tried_at)'
          : '#state = :waiting',
      ExpressionAttributeValues: {
        ...values,
        ':state': { S: settlement.state },
        ':stateItem': { S: `${settlement.state}#00042` },
        ':now': { N: '9' },
        ':attempts': { N: '2' },
        ':waiting': { S: 'waiting' },
      },
    })
  })

  it('marks the first attempt at a row that waits, and counts attempts of it', async () => {
    dynamo.on(UpdateItemCommand).resolvesOnce({}).rejectsOnce(refused).resolvesOnce({}).rejects(refused)

    expect(await rows.begin(id, 9, farDeadline())).toBe(true)
    expect(await rows.begin(id, 9, farDeadline())).toBe(false)
    await rows.countAttempts(id, { attempts: 2, now: 9 }, farDeadline())
    await rows.countAttempts(id, { attempts: 2, now: 9 }, farDeadline())

    for (const UpdateExpression of [
      'SET touched_at = :now, first_tried_at = if_not_exists(first_tried_at, :now)',
      'SET touched_at = :now ADD attempts :attempts',
    ]) {
      const ConditionExpression = '#state = :waiting'
      expect(dynamo).toHaveReceivedCommandWith(UpdateItemCommand, { Key: key, UpdateExpression, ConditionExpression })
    }
  })

  it('counts by the index, all partitions and pages, and has what ended nowhere wait', async () => {
    dynamo.on(QueryCommand).resolves({ Count: 0 })
    dynamo
      .on(QueryCommand, {
        ExpressionAttributeValues: {
          ':job': { S: `${jobId}#1` },
          ':from': { S: 'done#00000' },
          ':to': { S: 'done#01999' },
        },
      })
      .resolvesOnce({ Count: 3, LastEvaluatedKey: key })
      .resolves({ Count: 4 })

    expect(await rows.count(jobId, 2_000, farDeadline())).toEqual({
      waiting: 1_993,
      done: 7,
      failed: 0,
      cancelled: 0,
    })
    expect(dynamo).toHaveReceivedCommandWith(QueryCommand, { IndexName: 'by_state', Select: 'COUNT' })
  })

  const listed = (row: number, state = 'done') => ({
    item: { S: `row#${String(row).padStart(5, '0')}` },
    state_item: { S: `${state}#${String(row).padStart(5, '0')}` },
    username: { S: `worker-${row}` },
  })

  it('lists behind a row, on into the next partition, and reads no sealed password', async () => {
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [listed(999)] })
      .resolves({ Items: [listed(1_000), listed(1_001)] })

    const page = await rows.list(jobId, 3_000, { state: undefined, after: 998, limit: 2 }, farDeadline())

    expect(page.map(({ row }) => row)).toEqual([999, 1_000])
    const inputs = dynamo.commandCalls(QueryCommand).map(({ args: [{ input }] }) => input)
    const place = { ':from': { S: 'row#00999' }, ':to': { S: 'row#02999' } }
    expect(inputs.map(({ ExpressionAttributeValues, Limit }) => ({ ...ExpressionAttributeValues, Limit }))).toEqual([
      { ':job': { S: `${jobId}#0` }, ...place, Limit: 2 },
      { ':job': { S: `${jobId}#1` }, ...place, Limit: 1 },
    ])
    expect(JSON.stringify(inputs)).not.toContain('sealed')
  })

  it('lists one state by the index', async () => {
    dynamo.on(QueryCommand).resolves({
      Items: [{ ...listed(7, 'failed'), code: { S: 'user_exists' } }],
    })

    expect(await rows.list(jobId, 10, { state: 'failed', after: 5, limit: 3 }, farDeadline())).toEqual([
      { row: 7, username: 'worker-7', state: 'failed', code: 'user_exists' },
    ])
    expect(dynamo).toHaveReceivedCommandWith(QueryCommand, {
      IndexName: 'by_state',
      ExpressionAttributeValues: {
        ':job': { S: `${jobId}#0` },
        ':from': { S: 'failed#00006' },
        ':to': { S: 'failed#00009' },
      },
    })
  })

  it('lists nothing behind the last row', async () => {
    expect(await rows.list(jobId, 10, { state: undefined, after: 9, limit: 3 }, farDeadline())).toEqual([])
    expect(await rows.list(jobId, 10, { state: 'done', after: 9_999, limit: 3 }, farDeadline())).toEqual([])
    expect(dynamo).not.toHaveReceivedCommand(QueryCommand)
  })

  it('finds the rows that wait and were not touched', async () => {
    dynamo.on(QueryCommand).resolves({ Items: [{ item: { S: 'row#00007' } }, { item: { S: 'row#00003' } }] })

    expect(await rows.waitingSince(jobId, 10, 99, farDeadline())).toEqual([3, 7])
    expect(dynamo).toHaveReceivedCommandWith(QueryCommand, {
      FilterExpression: '#state = :waiting AND touched_at <= :since',
      ExpressionAttributeValues: {
        ':job': { S: `${jobId}#0` },
        ':from': { S: 'row#00000' },
        ':to': { S: 'row#00009' },
        ':waiting': { S: 'waiting' },
        ':since': { N: '99' },
      },
    })
  })

  it.each(['meta', 'row#1', 'row#000001'])('takes no item %s for a row', async (item) => {
    dynamo.on(QueryCommand).resolves({ Items: [{ item: { S: item } }] })

    await expect(rows.present(keptJob({ rows: 1 }), farDeadline())).rejects.toMatchObject({
      reason: 'job_item_malformed',
    })
  })
})
