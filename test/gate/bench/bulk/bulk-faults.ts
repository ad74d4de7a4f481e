// What goes wrong while rows are worked off: which calls of AWS fail. Lambda's own calls of the queue are Lambda's, and do not.
import type { Fault } from '../../../../infra/emulators/aws/faults.ts'
import { operationsOfACreation, passingTroubles, planTroubles, type Trouble } from '../load/fault-plan.ts'

const operations = [
  ...operationsOfACreation,
  // Of a generated password.
  ...['CreateSecret', 'PutResourcePolicy', 'PutSecretValue', 'UpdateSecretVersionStage', 'ListSecretVersionIds'],
  ...['DescribeSecret', 'DeleteSecret'],
  // Of the job store.
  ...['GetItem', 'UpdateItem', 'PutItem', 'DeleteItem', 'Query', 'BatchWriteItem', 'GenerateDataKey'],
  ...['SendMessageBatch', 'ChangeMessageVisibility', 'GetQueueAttributes'],
]

/** The SDK gives up on one after three seconds. */
const timeouts: readonly Trouble[] = [
  { kind: 'timeout', when: 'before' },
  { kind: 'timeout', when: 'after' },
]

export function planBulkFaults(options: { readonly rate: number; readonly seed: number }): readonly Fault[] {
  return planTroubles({ ...options, operations, troubles: [...passingTroubles, ...timeouts] })
}
