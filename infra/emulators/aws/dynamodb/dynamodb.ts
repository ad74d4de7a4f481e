// Local AWS DynamoDB: dynalite, called in this process, and the time to live that it lacks. Without transactions and streams.
import dynalite from 'dynalite'
import { Readable } from 'node:stream'
import { readAnswer, type PackageAnswer } from '../package-answer.ts'
import type { Operation, OperationTable, Service } from '../operation.ts'
import { timeToLiveOperations } from './time-to-live.ts'

export const dynamoDbPrefix = 'DynamoDB_20120810'

const tableOperations = ['CreateTable', 'DescribeTable', 'DeleteTable', 'ListTables'] as const

const itemOperations = ['PutItem', 'GetItem', 'UpdateItem', 'DeleteItem', 'Query', 'Scan', 'BatchGetItem'] as const

// Its server never listens: it would answer to any name, and let any page of a browser read.
type Dynalite = ReturnType<typeof dynalite>

export function createDynamoDb({
  region,
  accountId,
}: {
  readonly region: string
  readonly accountId: string
}): Service {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 })
  const call = async (operation: string, input: unknown): Promise<object> => {
    const { status, body } = await send(server, operation, JSON.stringify(input))
    return readAnswer({ status, body: body.replaceAll(arnOfDynalite, `$1arn:aws:dynamodb:${region}:${accountId}:`) })
  }
  // API_UpdateTimeToLive.html has no name for being throttled but this, which is every control-plane operation's.
  const controlPlane = { errorNames: { throttled: 'ThrottlingException' } }
  const ofTables = { ...forwarding(tableOperations, call, controlPlane), ...timeToLiveOperations(call, controlPlane) }
  return {
    targetPrefix: dynamoDbPrefix,
    jsonVersion: '1.0',
    errorNames: { throttled: 'ProvisionedThroughputExceededException', internal: 'InternalServerError' },
    operations: { ...ofTables, ...forwarding(itemOperations, call), BatchWriteItem: batchWriteItem(call) },
  }
}

/** The members that hold ARNs are strings; an attribute of the same name is an object. */
const arnOfDynalite = /("(?:TableArn|IndexArn)":")arn:aws:dynamodb:[^:"]*:\d*:/g

export type CallDynalite = (operation: string, input: unknown) => Promise<object>
export type OperationOptions = { readonly errorNames?: { readonly throttled: string } }

function forwarding(names: readonly string[], call: CallDynalite, options: OperationOptions = {}): OperationTable {
  return Object.fromEntries(
    names.map((name) => [name, { access: 'signed', run: (input: unknown) => call(name, input), ...options }]),
  )
}

type WriteRequests = Readonly<Record<string, readonly object[]>>

function batchWriteItem(call: CallDynalite): Operation {
  return {
    access: 'signed',
    run: (input) => call('BatchWriteItem', input),
    runHalf: async (input) => {
      const { RequestItems, ...options } = input as { readonly RequestItems: WriteRequests }
      const requests = Object.entries(RequestItems).flatMap(([table, each]) =>
        each.map((request) => ({ table, request })),
      )
      const half = Math.ceil(requests.length / 2)
      const byTable = (some: typeof requests): WriteRequests =>
        Object.fromEntries(
          Object.entries(Object.groupBy(some, ({ table }) => table)).map(([table, each = []]) => [
            table,
            each.map(({ request }) => request),
          ]),
        )
      const written = await call('BatchWriteItem', { ...options, RequestItems: byTable(requests.slice(0, half)) })
      return { ...written, UnprocessedItems: byTable(requests.slice(half)) }
    },
  }
}

function send(server: Dynalite, operation: string, body: string): Promise<PackageAnswer> {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `${dynamoDbPrefix}.${operation}`,
    'x-amz-date': '20260101T000000Z',
    // It looks for the parts of a signature and verifies none.
    authorization: 'AWS4-HMAC-SHA256 Credential=local, SignedHeaders=host, Signature=none',
  }
  return new Promise((resolve) => {
    const request = Object.assign(Readable.from([Buffer.from(body)]), { method: 'POST', url: '/', headers })
    const response = {
      statusCode: 200,
      setHeader: () => undefined,
      end: (text: string) => {
        resolve({ status: response.statusCode, body: text })
      },
    }
    server.emit('request', request, response)
  })
}
