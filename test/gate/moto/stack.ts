// Reads what CloudFormation says of a stack; it changes nothing.
import { query, xmlElements, type CallApi } from './moto-api.ts'

export type Stack = {
  readonly status: string
  readonly outputs: readonly string[]
  /** By logical id, those that somebody has made. */
  readonly resources: ReadonlyMap<string, { readonly type: string; readonly physicalId: string }>
}

const Version = '2010-05-15'

/** Rejects where there is no such stack. */
export async function readStack(call: CallApi, name: string): Promise<Stack> {
  const described = await call(query('cloudformation', { Action: 'DescribeStacks', StackName: name, Version }))
  const listed = await call(query('cloudformation', { Action: 'ListStackResources', StackName: name, Version }))
  const resources = xmlElements(listed, 'member').map((member) => {
    const [logicalId = ''] = xmlElements(member, 'LogicalResourceId')
    const [type = ''] = xmlElements(member, 'ResourceType')
    const [physicalId = ''] = xmlElements(member, 'PhysicalResourceId')
    return [logicalId, { type, physicalId }] as const
  })
  return {
    status: xmlElements(described, 'StackStatus')[0] ?? '',
    outputs: xmlElements(described, 'OutputKey'),
    // moto answers with an empty entry for each resource that it passes over.
    resources: new Map(resources.filter(([logicalId]) => logicalId !== '')),
  }
}

/** Names of the stacks that are there; a stack that was removed is not. */
export async function listStacks(call: CallApi): Promise<string[]> {
  return xmlElements(await call(query('cloudformation', { Action: 'DescribeStacks', Version })), 'StackName')
}
