// The two kinds of event that job-worker takes: messages of the queue, and the sweeper's schedule. It answers which messages
// have to come again.
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch'
import type { PartialItemFailureResponse } from '@aws-lambda-powertools/batch/types'
import type { SQSEvent, SQSRecord } from 'aws-lambda'
import * as z from 'zod/mini'
import { ServiceError, toServiceError } from '#shared/errors.ts'
import { bindFields, type Logger } from '#shared/logger.ts'
import { createDeadline } from '#shared/time/deadline.ts'
import { readMessage } from '../job-store/job-queue.ts'
import type { JobQueue } from '../job-store/job-store.ts'
import type { Admission } from './admission.ts'
import { postponement } from './decide-row.ts'
import { sweep, type SweepDeps } from './sweep.ts'
import { workRow, type RowOutcome, type WorkContext, type WorkRowDeps } from './work-row.ts'

export type WorkerDeps = WorkRowDeps &
  SweepDeps & {
    readonly rows: WorkRowDeps['rows'] & SweepDeps['rows']
    readonly queue: Pick<JobQueue, 'send' | 'look' | 'postpone'>
    readonly duringBatch: Admission['duringBatch']
    readonly logger: Logger
  }

type InvocationContext = { readonly awsRequestId: string; readonly getRemainingTimeInMillis: () => number }

export type Worker = (event: unknown, context: InvocationContext) => Promise<PartialItemFailureResponse | undefined>

const sweepEvent = z.looseObject({ sweep: z.literal(true) })

/** Kept free at the end of a function's time: of a killed one, every message comes again, those that were worked off too. */
const answerMarginMs = 1_000

export function createWorker(deps: WorkerDeps): Worker {
  return async (event, { awsRequestId: requestId, getRemainingTimeInMillis }) => {
    const deadline = createDeadline({ now: deps.now, budgetMs: getRemainingTimeInMillis() - answerMarginMs })
    const logger = bindFields(deps.logger, { request_id: requestId })
    const context = { requestId, deadline, logger }
    if (z.safeParse(sweepEvent, event).success) {
      await sweep(deps, context)
      return undefined
    }
    // One for each invocation, since it keeps the batch. It prints nothing: an error may name what it should not.
    const processor = new BatchProcessor(EventType.SQS, { logger: silent })
    const work = (record: SQSRecord): Promise<void> => workRecord(record, deps, context)
    return deps.duringBatch(() =>
      processPartialResponse(event as SQSEvent, work, processor, { throwOnFullBatchFailure: false }),
    )
  }
}

/** Rejects where the message has to come again. */
async function workRecord(record: SQSRecord, deps: WorkerDeps, context: WorkContext): Promise<void> {
  const outcome = await outcomeOf(record, deps, context)
  if (outcome.kind !== 'given_back') return
  // Where it cannot be told, the message is hidden for longer, and comes all the same.
  await deps.queue.postpone(record.receiptHandle, outcome.afterSeconds, context.deadline).catch(() => undefined)
  throw new ServiceError('throttled', { reason: 'given_back' })
}

async function outcomeOf(record: SQSRecord, deps: WorkerDeps, context: WorkContext): Promise<RowOutcome> {
  const id = readMessage(record.body)
  // After some times the queue puts it aside, where somebody can look at it.
  if (id === undefined)
    throw logged(new ServiceError('internal_error', { reason: 'message_malformed' }), context.logger)
  try {
    return await workRow(id, deps, context)
  } catch (error) {
    logged(toServiceError(error), bindFields(context.logger, { ...id }))
    return { kind: 'given_back', afterSeconds: postponement(0, undefined) }
  }
}

function logged(error: ServiceError, logger: Logger): ServiceError {
  logger.error('row not worked off', { code: error.code, reason: error.reason })
  return error
}

const nothing = (): undefined => undefined

const silent = { debug: nothing, error: nothing, warn: nothing }
