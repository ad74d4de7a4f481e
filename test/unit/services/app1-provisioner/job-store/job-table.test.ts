import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  InternalServerError,
  ProvisionedThroughputExceededException,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb'
import 'aws-sdk-client-mock-vitest/extend'
import { beforeEach, describe, expect, it } from 'vitest'
import { writeJob } from '#services/app1-provisioner/job-store/job-items.ts'
import { createJobTable } from '#services/app1-provisioner/job-store/job-table.ts'
import { farDeadline } from '#test/support/deadlines.ts'
import { jobId, keptJob, owner } from '#test/support/jobs.ts'
import { mockClient } from '#test/support/mock-client.ts'

const dynamo = mockClient(DynamoDBClient)
const jobs = createJobTable({ dynamo: new DynamoDBClient({ region: 'eu-west-1' }), table: 'jobs' })
const metadata = { message: 'canary', $metadata: {} }
const refused = new ConditionalCheckFailedException(metadata)
const key = { job: { S: jobId }, item: { S: 'meta' } }

beforeEach(() => {
  dynamo.reset()
})

/** Until then, in epoch milliseconds. */
const claimed = (until: number) => ({
  ...writeJob(keptJob()),
  state: { S: 'loading' },
  loading_until: { N: String(until) },
})

describe('the table of jobs', () => {
  it('keeps a job once', async () => {
    dynamo.on(PutItemCommand).resolvesOnce({}).rejects(refused)

    expect(await jobs.begin(keptJob(), farDeadline())).toBe(true)
    expect(await jobs.begin(keptJob(), farDeadline())).toBe(false)

    expect(dynamo).toHaveReceivedCommandWith(PutItemCommand, {
      TableName: 'jobs',
      ConditionExpression: 'attribute_not_exists(#item) OR expires_at <= :now',
      Item: expect.objectContaining({ ...key, state: { S: 'loading' }, expires_at: { N: '1769817600' } }) as never,
    })
  })

  it('reads a job back as it was written, and nothing for one that is not there', async () => {
    const ended = { ended_at: { S: '2026-01-01T00:00:09.000Z' }, data_keys: { L: [{ B: Buffer.of(1) }] } }
    dynamo
      .on(GetItemCommand)
      .resolvesOnce({ Item: { ...writeJob(keptJob()), ...ended } })
      .resolves({})

    expect(await jobs.find(jobId, farDeadline())).toEqual(
      keptJob({ state: 'loading', dataKeys: [Buffer.of(1)], endedAt: '2026-01-01T00:00:09.000Z' }),
    )
    expect(await jobs.find(jobId, farDeadline())).toBeUndefined()
    expect(dynamo).toHaveReceivedCommandWith(GetItemCommand, { Key: key, ConsistentRead: true })
  })

  it.each<[string, object]>([
    ['state', { S: 'done' }],
    ['rows', { N: 'many' }],
    ['rows', { S: '1' }],
    ['requested_by', {}],
    ['data_keys', { L: [{ S: 'x' }] }],
  ])('takes no job with %s as %j', async (name, value) => {
    dynamo.on(GetItemCommand).resolves({ Item: { ...writeJob(keptJob()), [name]: value as never } })

    await expect(jobs.find(jobId, farDeadline())).rejects.toMatchObject({
      code: 'internal_error',
      reason: 'job_item_malformed',
    })
  })

  it.each(['token-1', undefined])('reads back whose token asked for it, with the id %j', async (jti) => {
    const human = { issuer: 'https://idp.example.com', sub: 'human-1', jti, evidence: 'sealed' }
    dynamo.on(GetItemCommand).resolves({ Item: writeJob(keptJob({ human })) })

    expect((await jobs.find(jobId, farDeadline()))?.human).toEqual(human)
  })

  it.each(['human_evidence', 'human_sub', 'human_issuer'])('is none where it lost its %s', async (name) => {
    const human = { issuer: 'https://idp.example.com', sub: 'human-1', jti: 'token-1', evidence: 'sealed' }
    const item = Object.entries(writeJob(keptJob({ human }))).filter(([kept]) => kept !== name)
    dynamo.on(GetItemCommand).resolves({ Item: Object.fromEntries(item) })

    await expect(jobs.find(jobId, farDeadline())).rejects.toMatchObject({ reason: 'job_item_malformed' })
  })

  it('is claimed with one more data key, whose index is given', async () => {
    const data_keys = { L: [{ B: Buffer.of(1) }, { B: Buffer.of(2) }] }
    dynamo.on(UpdateItemCommand).resolves({ Attributes: { ...claimed(9), data_keys } })

    expect(await jobs.claim(jobId, { now: 5, until: 9, dataKey: Buffer.of(2) }, farDeadline())).toBe(1)

    expect(dynamo).toHaveReceivedCommandWith(UpdateItemCommand, {
      Key: key,
      UpdateExpression: 'SET loading_until = :until, data_keys = list_append(data_keys, :keys)',
      ConditionExpression: '#state = :loading AND loading_until <= :now',
      ExpressionAttributeValues: {
        ':until': { N: '9' },
        ':now': { N: '5' },
        ':loading': { S: 'loading' },
        ':keys': { L: [{ B: Buffer.of(2) }] },
      },
    })
  })

  it('is claimed without a key, or not at all', async () => {
    dynamo
      .on(UpdateItemCommand)
      .resolvesOnce({ Attributes: claimed(9) })
      .rejects(refused)
    dynamo.on(GetItemCommand).resolves({ Item: claimed(12) })
    const claim = () => jobs.claim(jobId, { now: 5, until: 9, dataKey: undefined }, farDeadline())

    expect(await claim()).toBe(-1)
    expect(await claim()).toBeUndefined()
  })

  it('is claimed by the attempt whose answer was lost, and not twice', async () => {
    const data_keys = { L: [{ B: Buffer.of(1) }, { B: Buffer.of(2) }] }
    dynamo.on(UpdateItemCommand).rejects(refused)
    dynamo.on(GetItemCommand).resolves({ Item: { ...claimed(9), data_keys } })
    const claim = (dataKey: number) =>
      jobs.claim(jobId, { now: 5, until: 9, dataKey: Buffer.of(dataKey) }, farDeadline())

    expect(await claim(2)).toBe(1)
    expect(await claim(3)).toBeUndefined()
  })

  it('is completed only after the sweeper knows of it', async () => {
    dynamo.on(PutItemCommand).resolves({}).on(UpdateItemCommand).resolves({})

    await jobs.complete(keptJob({ expiresAt: 7 }), farDeadline())

    expect(dynamo.calls().map(({ args: [command] }) => command.constructor.name)).toEqual([
      'PutItemCommand',
      'UpdateItemCommand',
    ])
    expect(dynamo).toHaveReceivedCommandWith(PutItemCommand, {
      Item: { job: { S: 'open' }, item: { S: jobId }, requested_by: { S: owner }, expires_at: { N: '7' } },
    })
  })

  it('changes nothing in a state that it is not in: each change has its condition', async () => {
    dynamo.on(PutItemCommand).resolves({}).on(DeleteItemCommand).resolves({}).on(UpdateItemCommand).rejects(refused)

    await jobs.release(jobId, 9, farDeadline())
    await jobs.complete(keptJob({ expiresAt: 7 }), farDeadline())
    await jobs.cancel(jobId, farDeadline())
    await jobs.close(jobId, '2026-01-01T00:00:00.000Z', farDeadline())

    const conditions = dynamo.commandCalls(UpdateItemCommand).map(({ args: [{ input }] }) => input.ConditionExpression)
    expect(conditions).toEqual(['loading_until = :ours', '#state = :from', '#state = :from', 'attribute_exists(#item)'])
    expect(dynamo).toHaveReceivedCommandWith(UpdateItemCommand, {
      ExpressionAttributeValues: { ':from': { S: 'ready' }, ':to': { S: 'cancelled' } },
    })
    expect(dynamo).toHaveReceivedCommandWith(DeleteItemCommand, { Key: { job: { S: 'open' }, item: { S: jobId } } })
  })

  it('lists the open ones, all pages of them', async () => {
    dynamo
      .on(QueryCommand)
      .resolvesOnce({ Items: [{ item: { S: 'a' } }], LastEvaluatedKey: key })
      .resolves({ Items: [{ item: { S: 'b' } }] })

    expect(await jobs.openJobs(farDeadline())).toEqual(['a', 'b'])
    expect(dynamo).toHaveReceivedNthCommandWith(QueryCommand, 2, { ExclusiveStartKey: key })
  })

  it('counts the open ones of a caller, all pages of them', async () => {
    dynamo.on(QueryCommand).resolvesOnce({ Count: 2, LastEvaluatedKey: key }).resolves({ Count: 1 })

    expect(await jobs.countOpen(owner, farDeadline())).toBe(3)
    expect(dynamo).toHaveReceivedNthCommandWith(QueryCommand, 2, {
      FilterExpression: 'requested_by = :caller',
      ExpressionAttributeValues: { ':open': { S: 'open' }, ':caller': { S: owner } },
      Select: 'COUNT',
    })
  })

  it.each([
    [new ProvisionedThroughputExceededException(metadata), 'throttled'],
    [new InternalServerError(metadata), 'upstream_unavailable'],
    [Object.assign(new Error('canary'), { name: 'ResourceNotFoundException' }), 'internal_error'],
  ])('tells %o as %s', async (failure, code) => {
    dynamo.onAnyCommand().rejects(failure)

    await expect(jobs.find(jobId, farDeadline())).rejects.toMatchObject({ code })
    await expect(jobs.cancel(jobId, farDeadline())).rejects.toMatchObject({ code })
  })
})
