// The queue of rows in SQS: ids and nothing else, so that whoever reads it learns no name and no password.
import {
  ChangeMessageVisibilityCommand,
  GetQueueAttributesCommand,
  SendMessageBatchCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs'
import * as z from 'zod/mini'
import { jobId } from '#shared/contract.ts'
import { mostRows } from '#shared/job-contract.ts'
import type { Logger } from '#shared/logger.ts'
import { parseJson } from '#shared/text/parse-json.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import { mapBounded } from '#shared/time/map-bounded.ts'
import { mapAwsError, rethrowMapped } from '#shared/aws/aws-errors.ts'
import { chunksOf, type BackOff } from './back-off.ts'
import type { JobQueue, RowId } from './job-store.ts'

type QueueDeps = {
  readonly sqs: SQSClient
  readonly queueUrl: string
  readonly backOff: BackOff
  readonly logger: Pick<Logger, 'warn'>
}

/** Of one SendMessageBatch. */
const messagesOfBatch = 10
const callsAtOnce = 16
/** How often a batch is offered. What is left then waits for the sweeper: the caller does not. */
const mostAttempts = 5

const message = z.strictObject({ job: jobId, row: z.int().check(z.gte(0), z.lt(mostRows)) })

/** What `send` wrote; undefined for anything else. */
export function readMessage(body: string): RowId | undefined {
  return z.safeParse(message, parseJson(body)).data
}

/** Needs SendMessage, ChangeMessageVisibility and GetQueueAttributes on the queue. */
export function createJobQueue({ sqs, queueUrl: QueueUrl, backOff, logger }: QueueDeps): JobQueue {
  /** Those that SQS did not take. Throws what the SDK throws. */
  async function offer(batch: readonly RowId[], deadline: Deadline): Promise<readonly RowId[]> {
    const Entries = batch.map(({ job, row }, index) => ({
      Id: String(index),
      MessageBody: JSON.stringify({ job, row }),
    }))
    const send = new SendMessageBatchCommand({ QueueUrl, Entries })
    const { Failed = [] } = await sqs.send(send, { abortSignal: deadline.signal() })
    return batch.filter((_, index) => Failed.some(({ Id }) => Id === String(index)))
  }

  /** How many of the batch could not be sent. */
  async function sendBatch(batch: readonly RowId[], deadline: Deadline): Promise<number> {
    let left = batch
    try {
      for (let attempt = 0; attempt < mostAttempts; attempt += 1) {
        if (attempt > 0) await backOff(attempt - 1, deadline)
        left = await offer(left, deadline)
        if (left.length === 0) return 0
      }
    } catch (error) {
      const { code, reason } = mapAwsError(error)
      logger.warn('messages of a job not sent, the sweeper sends them', { code, reason, job: batch[0]?.job })
    }
    return left.length
  }

  return {
    async send(ids, deadline) {
      const batches = chunksOf(ids, messagesOfBatch)
      const unsent = await mapBounded(batches, { atOnce: callsAtOnce }, (batch) => sendBatch(batch, deadline))
      return unsent.reduce((all, left) => all + left, 0)
    },

    async postpone(ReceiptHandle, VisibilityTimeout, deadline) {
      const change = new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout })
      await sqs.send(change, { abortSignal: deadline.signal() }).catch(rethrowMapped)
    },

    async look(deadline) {
      const AttributeNames = ['ApproximateNumberOfMessages', 'VisibilityTimeout'] as const
      const get = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [...AttributeNames] })
      const { Attributes = {} } = await sqs.send(get, { abortSignal: deadline.signal() }).catch(rethrowMapped)
      return {
        waiting: Number(Attributes.ApproximateNumberOfMessages ?? 0),
        visibilityMs: Number(Attributes.VisibilityTimeout ?? 0) * 1_000,
      }
    },
  }
}
