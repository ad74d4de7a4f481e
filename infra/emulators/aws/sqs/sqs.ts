// Local AWS SQS: fauxqs, called in this process, with the addresses and ARNs of local AWS. It goes by the real time.
import { buildApp } from 'fauxqs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Operation, OperationTable, Service } from '../operation.ts'
import { readAnswer } from '../package-answer.ts'
import { createQueueNames } from './queue-names.ts'

export const sqsPrefix = 'AmazonSQS'

const operationNames = [
  'CreateQueue',
  'DeleteQueue',
  'GetQueueUrl',
  'ListQueues',
  'GetQueueAttributes',
  'SetQueueAttributes',
  'PurgeQueue',
  'SendMessage',
  'DeleteMessage',
  'ChangeMessageVisibility',
] as const

const batchOperationNames = ['SendMessageBatch', 'DeleteMessageBatch', 'ChangeMessageVisibilityBatch'] as const

/** The service model's; the others are called the same in both protocols. */
const queryCodes = {
  QueueDoesNotExist: 'AWS.SimpleQueueService.NonExistentQueue',
  QueueNameExists: 'QueueAlreadyExists',
  ...Object.fromEntries(
    [
      'BatchEntryIdsNotDistinct',
      'BatchRequestTooLong',
      'EmptyBatchRequest',
      'InvalidBatchEntryId',
      'MessageNotInflight',
      'PurgeQueueInProgress',
      'QueueDeletedRecently',
      'TooManyEntriesInBatchRequest',
      'UnsupportedOperation',
    ].map((name) => [name, `AWS.SimpleQueueService.${name}`]),
  ),
}

type Input = Readonly<Record<string, unknown>>
type CallFauxqs = (operation: string, input: Input) => Promise<object>

/** `origin` is asked for at each call: it has the port that local AWS got. */
export function createSqs(options: {
  readonly region: string
  readonly accountId: string
  readonly origin: () => string
}): Service {
  const app = buildApp({ logger: false })
  const names = createQueueNames(options)
  const call: CallFauxqs = async (operation, input) => {
    const { statusCode, body } = await app.inject({
      method: 'POST',
      url: '/',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': `${sqsPrefix}.${operation}`,
        // Where it reads the region from.
        authorization: `AWS4-HMAC-SHA256 Credential=local/20260101/${options.region}/sqs/aws4_request`,
      },
      payload: JSON.stringify(names.toFauxqs(input)),
    })
    return names.fromFauxqs(readAnswer({ status: statusCode, body }))
  }
  const forwarding: OperationTable = Object.fromEntries(
    operationNames.map((name) => [name, { access: 'signed', run: (input: unknown) => call(name, input as Input) }]),
  )
  const ofBatches = Object.fromEntries(batchOperationNames.map((name) => [name, batchOperation(name, call)]))
  return {
    targetPrefix: sqsPrefix,
    jsonVersion: '1.0',
    queryCodes,
    // RequestThrottled is the service model's, InternalFailure is from the API Reference's page of common errors.
    errorNames: { throttled: 'RequestThrottled', internal: 'InternalFailure' },
    operations: { ...forwarding, ...ofBatches, ReceiveMessage: receiveMessage(call) },
  }
}

type Batch = { readonly Entries: readonly { readonly Id: string }[] }
type BatchResult = { readonly Failed?: readonly object[] }

function batchOperation(name: string, call: CallFauxqs): Operation {
  return {
    access: 'signed',
    run: (input) => call(name, input as Input),
    runHalf: async (input) => {
      const { Entries, ...queue } = input as Batch
      const half = Math.ceil(Entries.length / 2)
      const done: BatchResult = await call(name, { ...queue, Entries: Entries.slice(0, half) })
      const failed = Entries.slice(half).map(({ Id }) => ({ Id, SenderFault: false, Code: 'InternalError' }))
      return { ...done, Failed: [...(done.Failed ?? []), ...failed] }
    },
  }
}

type Received = { readonly Messages?: readonly object[] }
type Attributes = { readonly Attributes?: { readonly ReceiveMessageWaitTimeSeconds?: string } }

const pollMs = 10

/**
 * A long poll that takes no message once its caller is gone: fauxqs would give it to nobody, and hide it for its
 * visibility timeout.
 */
function receiveMessage(call: CallFauxqs): Operation {
  const waitSeconds = async ({ QueueUrl, WaitTimeSeconds }: Input): Promise<number> => {
    if (WaitTimeSeconds !== undefined) return Number(WaitTimeSeconds)
    const { Attributes } = (await call('GetQueueAttributes', {
      QueueUrl,
      AttributeNames: ['ReceiveMessageWaitTimeSeconds'],
    })) as Attributes
    return Number(Attributes?.ReceiveMessageWaitTimeSeconds ?? 0)
  }
  return {
    access: 'signed',
    run: async (input, _caller, gone) => {
      const seconds = await waitSeconds(input as Input)
      // What is out of range is for fauxqs to refuse.
      if (!(seconds > 0 && seconds <= 20)) return call('ReceiveMessage', input as Input)
      const until = Date.now() + seconds * 1000
      for (;;) {
        if (gone.aborted) return {}
        const received: Received = await call('ReceiveMessage', { ...(input as Input), WaitTimeSeconds: 0 })
        if (received.Messages !== undefined || Date.now() >= until) return received
        await sleep(pollMs)
      }
    },
  }
}
