// An event source mapping of Lambda for a standard SQS queue: polls it, calls a function, deletes what the function has done.
//
// Not here: a batching window, FIFO queues, filters, and that Lambda polls less while a function fails.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
import { setTimeout as sleep } from 'node:timers/promises'
import {
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import { LambdaFunctionError, type LambdaFunction } from '../gateway/lambda-function.ts'
import { readBatchResponse, type BatchOutcome } from './batch-response.ts'
import { buildSqsEvent } from './sqs-event.ts'

export type SqsEventSourceOptions = {
  readonly sqs: SQSClient
  readonly queueUrl: string
  readonly function: LambdaFunction
  /** 1 to 10: Lambda's larger batches need a batching window. */
  readonly batchSize: number
  /** 2 to 1,000, Lambda's range: as many calls of the function may be under way. */
  readonly maximumConcurrency: number
  /** Whether the function's answer says which messages failed. Otherwise only a throw fails, and it fails the batch. */
  readonly reportBatchItemFailures: boolean
  /** Told of what stays in the queue, and of calls of SQS that failed. */
  readonly onFailure?: (failure: EventSourceFailure) => void
  /** How long it polls no more after a poll that failed. */
  readonly pauseMs?: number
}

/** `reason` is a fixed sentence or the name of an error; nothing of a message is in it. */
export type EventSourceFailure = { readonly messageIds: readonly string[]; readonly reason: string }

export type SqsEventSource = {
  /** Takes no more messages, and waits for the calls that are under way. */
  close(): Promise<void>
}

/** Polls from now on. Rejects as SQS does for a queue that does not exist, and with RangeError for sizes out of range. */
export async function startSqsEventSource(options: SqsEventSourceOptions): Promise<SqsEventSource> {
  requireRange('batchSize', options.batchSize, [1, 10])
  requireRange('maximumConcurrency', options.maximumConcurrency, [2, 1000])
  const { sqs, queueUrl } = options
  const { Attributes } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['QueueArn'] }),
  )
  const closing = new AbortController()
  const polling = poll(
    { pauseMs: 1000, onFailure: () => undefined, ...options },
    Attributes?.QueueArn ?? '',
    closing.signal,
  )
  return {
    close: async () => {
      closing.abort()
      await polling
    },
  }
}

type Settings = Required<SqsEventSourceOptions>

async function poll(settings: Settings, queueArn: string, closing: AbortSignal): Promise<void> {
  const running = new Set<Promise<void>>()
  while (!closing.aborted) {
    if (running.size === settings.maximumConcurrency) {
      await Promise.race(running)
      continue
    }
    const messages = await receive(settings, closing)
    if (messages.length === 0) continue
    const run = handleBatch(settings, messages, queueArn).finally(() => running.delete(run))
    running.add(run)
  }
  await Promise.all(running)
}

const waitSeconds = 20
/** Longer than the poll, whatever the client's own is: cut off, it would count as failed. */
const requestTimeout = (waitSeconds + 5) * 1_000

async function receive({ sqs, queueUrl, batchSize, ...settings }: Settings, closing: AbortSignal): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: batchSize,
    WaitTimeSeconds: waitSeconds,
    MessageAttributeNames: ['All'],
    MessageSystemAttributeNames: ['All'],
  })
  try {
    return (await sqs.send(command, { abortSignal: closing, requestTimeout })).Messages ?? []
  } catch (error) {
    if (closing.aborted) return []
    settings.onFailure({ messageIds: [], reason: `ReceiveMessage: ${nameOf(error)}` })
    await sleep(settings.pauseMs, undefined, { signal: closing }).catch(() => undefined)
    return []
  }
}

/** Never rejects. What is not deleted comes back after the queue's visibility timeout. */
async function handleBatch(settings: Settings, messages: readonly Message[], queueArn: string): Promise<void> {
  const outcome = await callFunction(settings, messages, queueArn)
  if (outcome.failed === 'all') {
    settings.onFailure({ messageIds: idsOf(messages), reason: outcome.reason })
    return
  }
  if (outcome.failed === 'some') {
    settings.onFailure({ messageIds: [...outcome.messageIds], reason: 'the function named them' })
  }
  const isDone = ({ MessageId = '' }: Message) => outcome.failed === 'none' || !outcome.messageIds.has(MessageId)
  await deleteMessages(settings, messages.filter(isDone))
}

async function callFunction(settings: Settings, messages: readonly Message[], queueArn: string): Promise<BatchOutcome> {
  try {
    const answer = await settings.function(buildSqsEvent(messages, queueArn))
    if (!settings.reportBatchItemFailures) return { failed: 'none' }
    return readBatchResponse(answer, new Set(idsOf(messages)))
  } catch (error) {
    return { failed: 'all', reason: `the function failed: ${nameOf(error)}` }
  }
}

async function deleteMessages({ sqs, queueUrl, onFailure }: Settings, messages: readonly Message[]): Promise<void> {
  if (messages.length === 0) return
  const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
  try {
    const { Failed = [] } = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }))
    const kept = Failed.flatMap(({ Id }) => messages[Number(Id)] ?? [])
    if (kept.length > 0) onFailure({ messageIds: idsOf(kept), reason: 'DeleteMessageBatch kept them' })
  } catch (error) {
    onFailure({ messageIds: idsOf(messages), reason: `DeleteMessageBatch: ${nameOf(error)}` })
  }
}

function idsOf(messages: readonly Message[]): string[] {
  return messages.map(({ MessageId = '' }) => MessageId)
}

function nameOf(error: unknown): string {
  if (error instanceof LambdaFunctionError) return error.errorType
  return error instanceof Error ? error.name : typeof error
}

function requireRange(name: string, value: number, [least, most]: readonly [number, number]): void {
  if (Number.isInteger(value) && value >= least && value <= most) return
  throw new RangeError(`${name} is ${value}, and has to be ${least} to ${most}`)
}
