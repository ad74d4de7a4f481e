// The time to live of DynamoDB's tables: taken, told and refused as AWS does; no item ever expires by it.
//
// AWS deletes expired items within days, so nothing may rest on their going.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
import * as z from 'zod/mini'
import { AwsError } from '../aws-error.ts'
import { operationsRefusing, type OperationTable } from '../operation.ts'
import type { CallDynalite, OperationOptions } from './dynamodb.ts'

const operation = operationsRefusing('ValidationException')

const updateInput = z.object({
  TableName: z.string(),
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.boolean() }),
})

type Described = { readonly Table: { readonly TableId: string } }

export function timeToLiveOperations(call: CallDynalite, options: OperationOptions): OperationTable {
  // By the table's id: a table made anew has none.
  const attributes = new Map<string, string>()
  const idOf = async (TableName: string): Promise<string> =>
    ((await call('DescribeTable', { TableName })) as Described).Table.TableId

  const update = operation(updateInput, async ({ TableName, TimeToLiveSpecification: specification }) => {
    const id = await idOf(TableName)
    const { AttributeName, Enabled } = specification
    const current = attributes.get(id)
    if (Enabled && current !== undefined) throw new AwsError('ValidationException', 'TimeToLive is already enabled')
    if (!Enabled && current !== AttributeName) {
      throw new AwsError('ValidationException', 'TimeToLive is already disabled')
    }
    if (Enabled) attributes.set(id, AttributeName)
    else attributes.delete(id)
    return { TimeToLiveSpecification: specification }
  })

  const describe = operation(z.object({ TableName: z.string() }), async ({ TableName }) => {
    const AttributeName = attributes.get(await idOf(TableName))
    const description =
      AttributeName === undefined ? { TimeToLiveStatus: 'DISABLED' } : { TimeToLiveStatus: 'ENABLED', AttributeName }
    return { TimeToLiveDescription: description }
  })

  return { UpdateTimeToLive: { ...update, ...options }, DescribeTimeToLive: { ...describe, ...options } }
}
