import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTimeToLiveCommand,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
  type AttributeValue,
  type QueryCommandInput,
  type QueryCommandOutput,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, describe, expect } from 'vitest'
import { connectToTables, type Tables } from './support/environment.ts'
import { uniqueName } from './support/pool.ts'
import { refusal, refused, statement } from './support/statement.ts'

const TableName = uniqueName('latchkey-contract')
const IndexName = 'by-state'

let tables: Tables | undefined

function dynamodb(): Tables['dynamodb'] {
  if (tables === undefined) throw new Error('there is a table only while tests run')
  return tables.dynamodb
}

/** A job's rows: a partition a job, an item a row, and in the index the rows of a state in the order of their numbers. */
beforeAll(async () => {
  tables = await connectToTables()
  await dynamodb().send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['job', 'row', 'state'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'job', KeyType: 'HASH' },
        { AttributeName: 'row', KeyType: 'RANGE' },
      ],
      LocalSecondaryIndexes: [
        {
          IndexName,
          KeySchema: [
            { AttributeName: 'job', KeyType: 'HASH' },
            { AttributeName: 'state', KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  )
  await waitUntilTableExists({ client: dynamodb(), maxWaitTime: 60, minDelay: 0.1, maxDelay: 2 }, { TableName })
})

afterAll(async () => {
  await tables?.dynamodb.send(new DeleteTableCommand({ TableName }))
  await tables?.close()
})

type Row = { readonly job: string; readonly row: string; readonly state: string }

function row(job: string, number: number, state = 'waiting'): Row {
  const name = String(number).padStart(6, '0')
  return { job, row: name, state: `${state}#${name}` }
}

function item(values: Record<string, string>): Record<string, AttributeValue> {
  return Object.fromEntries(Object.entries(values).map(([name, text]) => [name, { S: text }]))
}

function keyOf({ job, row }: Row): Record<string, AttributeValue> {
  return item({ job, row })
}

async function put(...rows: readonly Row[]): Promise<void> {
  for (const each of rows) await dynamodb().send(new PutItemCommand({ TableName, Item: item(each) }))
}

async function read(of: Row): Promise<Record<string, AttributeValue> | undefined> {
  const { Item } = await dynamodb().send(new GetItemCommand({ TableName, Key: keyOf(of), ConsistentRead: true }))
  return Item
}

/** Sets the state where the row still has the state that `from` says. */
function change(from: Row, to: Row, input: Partial<UpdateItemCommandInput> = {}) {
  return dynamodb().send(
    new UpdateItemCommand({
      TableName,
      Key: keyOf(from),
      UpdateExpression: 'SET #state = :to',
      ConditionExpression: '#state = :from',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: { ':from': { S: from.state }, ':to': { S: to.state } },
      ...input,
    }),
  )
}

function query(job: string, input: Partial<QueryCommandInput> = {}): Promise<QueryCommandOutput> {
  return dynamodb().send(
    new QueryCommand({
      TableName,
      KeyConditionExpression: '#job = :job',
      ExpressionAttributeNames: { '#job': 'job' },
      ExpressionAttributeValues: { ':job': { S: job } },
      ConsistentRead: true,
      ...input,
    }),
  )
}

function queryState(job: string, state: string, input: Partial<QueryCommandInput> = {}): Promise<QueryCommandOutput> {
  return query(job, {
    IndexName,
    KeyConditionExpression: '#job = :job AND begins_with(#state, :state)',
    ExpressionAttributeNames: { '#job': 'job', '#state': 'state' },
    ExpressionAttributeValues: { ':job': { S: job }, ':state': { S: `${state}#` } },
    ...input,
  })
}

function putAll(rows: readonly Row[]) {
  const RequestItems = { [TableName]: rows.map((each) => ({ PutRequest: { Item: item(each) } })) }
  return dynamodb().send(new BatchWriteItemCommand({ RequestItems }))
}

function rowsOf(job: string, count: number, state = 'waiting'): Row[] {
  return Array.from({ length: count }, (_, index) => row(job, index, state))
}

function names({ Items = [] }: QueryCommandOutput): (string | undefined)[] {
  return Items.map((each) => each['row']?.S)
}

describe('one item', () => {
  const job = uniqueName('job')
  const putNew = (of: Row): Promise<unknown> =>
    dynamodb().send(
      new PutItemCommand({
        TableName,
        Item: item(of),
        ConditionExpression: 'attribute_not_exists(#row)',
        ExpressionAttributeNames: { '#row': 'row' },
      }),
    )

  statement('PutItem that asks for a new key makes one item, whoever else asks for it', async () => {
    const rivals = Array.from({ length: 5 }, (_, index) => row(job, 1, `by-${index}`))

    const answers = await Promise.all(rivals.map((each) => refusal(putNew(each))))

    expect(answers.toSorted()).toEqual([...Array<string>(4).fill('ConditionalCheckFailedException'), 'none'])
    expect(await read(row(job, 1))).toEqual(item(rivals[answers.indexOf('none')] ?? {}))
  })

  statement('UpdateItem whose condition holds answers what the item is now', async () => {
    await put(row(job, 2))

    const { Attributes } = await change(row(job, 2), row(job, 2, 'done'), { ReturnValues: 'ALL_NEW' })

    expect(Attributes).toEqual(item(row(job, 2, 'done')))
  })

  statement(
    'UpdateItem whose condition does not hold is ConditionalCheckFailedException and changes nothing',
    async () => {
      await put(row(job, 3))

      const name = await refusal(change(row(job, 3, 'running'), row(job, 3, 'done')))

      expect(name).toBe('ConditionalCheckFailedException')
      expect(await read(row(job, 3))).toEqual(item(row(job, 3)))
    },
  )

  statement('of UpdateItem calls with one condition at a time, one succeeds', async () => {
    await put(row(job, 4))

    const claims = Array.from({ length: 8 }, (_, index) => change(row(job, 4), row(job, 4, `claimed-${index}`)))
    const answers = await Promise.all(claims.map((each) => refusal(each)))

    expect(answers.filter((name) => name === 'none')).toHaveLength(1)
  })

  refused('UpdateItem of an absent item whose condition asks for it is ConditionalCheckFailedException', () =>
    change(row(job, 5), row(job, 5, 'done'), {
      ConditionExpression: 'attribute_exists(#job)',
      ExpressionAttributeNames: { '#state': 'state', '#job': 'job' },
      ExpressionAttributeValues: { ':to': { S: 'done' } },
    }),
  )

  statement('UpdateItem with ADD counts each of several callers once', async () => {
    const counter = row(job, 6)
    const count = (): Promise<unknown> =>
      dynamodb().send(
        new UpdateItemCommand({
          TableName,
          Key: keyOf(counter),
          UpdateExpression: 'ADD #count :one',
          ExpressionAttributeNames: { '#count': 'count' },
          ExpressionAttributeValues: { ':one': { N: '1' } },
        }),
      )

    await Promise.all(Array.from({ length: 10 }, count))

    expect(await read(counter)).toMatchObject({ count: { N: '10' } })
  })

  statement('GetItem of an absent item answers none', async () => {
    expect(await read(row(job, 404))).toBeUndefined()
  })

  refused('PutItem into an absent table is ResourceNotFoundException', () =>
    dynamodb().send(new PutItemCommand({ TableName: uniqueName('absent'), Item: item(row(job, 1)) })),
  )
})

describe('a partition', () => {
  statement('Query gives the items of one partition in the order of the sort key', async () => {
    const job = uniqueName('job')
    await put(row(job, 10), row(job, 9), row(job, 100), row(`${job}0`, 1))

    expect(names(await query(job))).toEqual(['000009', '000010', '000100'])
  })

  statement('Query of a local index with begins_with gives the items with that beginning, in its order', async () => {
    const job = uniqueName('job')
    await put(row(job, 3), row(job, 1), row(job, 2, 'wait'), row(job, 4, 'done'), row(`${job}0`, 5))

    expect(names(await queryState(job, 'waiting'))).toEqual(['000001', '000003'])
  })

  statement('Query of a local index sees a change at once', async () => {
    const job = uniqueName('job')
    await put(row(job, 1), row(job, 2))
    await change(row(job, 1), row(job, 1, 'done'))

    expect(names(await queryState(job, 'waiting'))).toEqual(['000002'])
    expect(names(await queryState(job, 'done'))).toEqual(['000001'])
  })

  statement('Query with Select COUNT counts every item once over its pages, and shows none', async () => {
    const job = uniqueName('job')
    await putAll(rowsOf(job, 10))

    const counts: (number | undefined)[] = []
    let key: QueryCommandInput['ExclusiveStartKey']
    do {
      const page = await queryState(job, 'waiting', { Select: 'COUNT', Limit: 4, ExclusiveStartKey: key })
      expect(page.Items ?? []).toEqual([])
      counts.push(page.Count)
      key = page.LastEvaluatedKey
    } while (key !== undefined)

    expect(counts).toEqual([4, 4, 2])
  })

  statement('Query of an absent partition is an empty page', async () => {
    expect(await query(uniqueName('absent'))).toMatchObject({ Items: [], Count: 0 })
  })
})

describe('a batch', () => {
  statement('BatchWriteItem writes 25 items', async () => {
    const job = uniqueName('job')

    const { UnprocessedItems } = await putAll(rowsOf(job, 25))

    expect(UnprocessedItems).toEqual({})
    expect(names(await query(job))).toHaveLength(25)
  })

  refused('BatchWriteItem of 26 items is ValidationException', () => putAll(rowsOf(uniqueName('job'), 26)))

  refused('BatchWriteItem of one key twice is ValidationException', () => {
    const job = uniqueName('job')
    return putAll([row(job, 1), row(job, 1, 'done')])
  })
})

describe('the time to live', () => {
  statement('UpdateTimeToLive is taken, and DescribeTimeToLive tells the attribute', async () => {
    const TimeToLiveSpecification = { AttributeName: 'expiresAt', Enabled: true }

    const updated = await dynamodb().send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }))
    const described = await dynamodb().send(new DescribeTimeToLiveCommand({ TableName }))

    expect(updated.TimeToLiveSpecification).toEqual(TimeToLiveSpecification)
    expect(described.TimeToLiveDescription).toEqual({
      AttributeName: 'expiresAt',
      TimeToLiveStatus: expect.stringMatching(/^(ENABLING|ENABLED)$/) as string,
    })
  })
})
