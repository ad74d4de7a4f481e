// Jobs in DynamoDB. Every change has a condition: a call that comes twice, or late, changes nothing more.
import {
  DeleteItemCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  type DynamoDBClient,
  type QueryCommandInput,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import { errorName, rethrowMapped } from '#shared/aws/aws-errors.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import { jobKey, openJobs, openKey, readJob, text, writeJob, type Item } from './job-items.ts'
import type { JobTable } from './job-store.ts'

export type TableDeps = { readonly dynamo: DynamoDBClient; readonly table: string }

/** The index of the data key where no row needs one. */
const noKey = -1

/** Needs GetItem, PutItem, UpdateItem, DeleteItem and Query on the table. */
export function createJobTable({ dynamo, table: TableName }: TableDeps): JobTable {
  const update = (id: string, change: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>): UpdateItemCommand =>
    new UpdateItemCommand({ TableName, Key: jobKey(id), ...change })

  const find: JobTable['find'] = async (id, deadline) => {
    const get = new GetItemCommand({ TableName, Key: jobKey(id), ConsistentRead: true })
    const { Item: item } = await dynamo.send(get, { abortSignal: deadline.signal() }).catch(rethrowMapped)
    return item && readJob(item)
  }

  return {
    find,

    async begin(job, deadline) {
      const put = new PutItemCommand({
        TableName,
        Item: writeJob(job),
        // Of one that has expired nobody is told any more, and DynamoDB removes it in days.
        ConditionExpression: 'attribute_not_exists(#item) OR expires_at <= :now',
        ExpressionAttributeNames: { '#item': 'item' },
        ExpressionAttributeValues: { ':now': { N: String(Math.floor(Date.parse(job.createdAt) / 1_000)) } },
      })
      return (await ifHolds(() => dynamo.send(put, { abortSignal: deadline.signal() }))) !== undefined
    },

    async claim(id, { now, until, dataKey }, deadline) {
      const claim = update(id, {
        UpdateExpression: `SET loading_until = :until${dataKey ? ', data_keys = list_append(data_keys, :keys)' : ''}`,
        ConditionExpression: '#state = :loading AND loading_until <= :now',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: {
          ':until': { N: String(until) },
          ':now': { N: String(now) },
          ':loading': { S: 'loading' },
          ...(dataKey && { ':keys': { L: [{ B: dataKey }] } }),
        },
        ReturnValues: 'ALL_NEW',
      })
      const answer = await ifHolds(() => dynamo.send(claim, { abortSignal: deadline.signal() }))
      const job = answer === undefined ? await find(id, deadline) : readJob(answer.Attributes ?? {})
      // Refused to an attempt of the SDK of which an earlier one took effect, its answer lost: it is ours all the same.
      const isOurs = job?.state === 'loading' && job.loadingUntil === until
      if (!isOurs) return undefined
      if (dataKey === undefined) return noKey
      const key = job.dataKeys.findIndex((wrapped) => Buffer.compare(wrapped, dataKey) === 0)
      return key < 0 ? undefined : key
    },

    async release(id, claimedUntil, deadline) {
      const release = update(id, {
        UpdateExpression: 'SET loading_until = :nobody',
        ConditionExpression: 'loading_until = :ours',
        ExpressionAttributeValues: { ':nobody': { N: '0' }, ':ours': { N: String(claimedUntil) } },
      })
      await ifHolds(() => dynamo.send(release, { abortSignal: deadline.signal() }))
    },

    async complete({ id, requestedBy, expiresAt }, deadline) {
      // First: a job that is ready and not in there would lose what was not sent.
      const Item = { ...openKey(id), requested_by: { S: requestedBy }, expires_at: { N: String(expiresAt) } }
      const put = new PutItemCommand({ TableName, Item })
      await dynamo.send(put, { abortSignal: deadline.signal() }).catch(rethrowMapped)
      const complete = update(id, changeOfState('loading', 'ready'))
      await ifHolds(() => dynamo.send(complete, { abortSignal: deadline.signal() }))
    },

    async cancel(id, deadline) {
      const cancel = update(id, changeOfState('ready', 'cancelled'))
      await ifHolds(() => dynamo.send(cancel, { abortSignal: deadline.signal() }))
    },

    async openJobs(deadline) {
      const jobs: string[] = []
      const query = { KeyConditionExpression: 'job = :open', ExpressionAttributeValues: { ':open': { S: openJobs } } }
      for await (const { items } of queryPages({ dynamo, table: TableName }, query, deadline)) {
        jobs.push(...items.map((item) => text(item, 'item')))
      }
      return jobs
    },

    async countOpen(requestedBy, deadline) {
      const query = {
        KeyConditionExpression: 'job = :open',
        FilterExpression: 'requested_by = :caller',
        ExpressionAttributeValues: { ':open': { S: openJobs }, ':caller': { S: requestedBy } },
        Select: 'COUNT',
      } as const
      let total = 0
      for await (const { count } of queryPages({ dynamo, table: TableName }, query, deadline)) total += count
      return total
    },

    async close(id, endedAt, deadline) {
      const end = update(id, {
        UpdateExpression: 'SET ended_at = if_not_exists(ended_at, :at)',
        ConditionExpression: 'attribute_exists(#item)',
        ExpressionAttributeNames: { '#item': 'item' },
        ExpressionAttributeValues: { ':at': { S: endedAt } },
      })
      await ifHolds(() => dynamo.send(end, { abortSignal: deadline.signal() }))
      const remove = new DeleteItemCommand({ TableName, Key: openKey(id) })
      await dynamo.send(remove, { abortSignal: deadline.signal() }).catch(rethrowMapped)
    },
  }
}

/** The pages of a query, one after another. Throws what `mapAwsError` says. */
export async function* queryPages(
  { dynamo, table: TableName }: TableDeps,
  input: Omit<QueryCommandInput, 'TableName'>,
  deadline: Deadline,
): AsyncGenerator<{ readonly items: readonly Item[]; readonly count: number }, void, undefined> {
  let ExclusiveStartKey: Item | undefined
  do {
    const query = new QueryCommand({
      TableName,
      ConsistentRead: true,
      ...input,
      ...(ExclusiveStartKey && { ExclusiveStartKey }),
    })
    const page = await dynamo.send(query, { abortSignal: deadline.signal() }).catch(rethrowMapped)
    yield { items: page.Items ?? [], count: page.Count ?? 0 }
    ExclusiveStartKey = page.LastEvaluatedKey
  } while (ExclusiveStartKey !== undefined)
}

/** What the call gives, or undefined where its condition does not hold. Throws what `mapAwsError` says. */
export async function ifHolds<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call()
  } catch (error) {
    if (errorName(error) === 'ConditionalCheckFailedException') return undefined
    return rethrowMapped(error)
  }
}

function changeOfState(from: string, to: string) {
  return {
    UpdateExpression: 'SET #state = :to',
    ConditionExpression: '#state = :from',
    ExpressionAttributeNames: { '#state': 'state' },
    ExpressionAttributeValues: { ':from': { S: from }, ':to': { S: to } },
  }
}
