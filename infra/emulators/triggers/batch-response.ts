// What a function's answer to a batch of messages says, where the event source has ReportBatchItemFailures.
//
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
import * as z from 'zod/mini'

/** `some` names at least one message. */
export type BatchOutcome =
  | { readonly failed: 'none' }
  | { readonly failed: 'some'; readonly messageIds: ReadonlySet<string> }
  | { readonly failed: 'all'; readonly reason: string }

const response = z.nullable(z.object({ batchItemFailures: z.nullish(z.array(z.unknown())) }))
const failure = z.object({ itemIdentifier: z.string().check(z.minLength(1)) })

/** An answer that cannot be understood fails the batch: what may have failed is not deleted. */
export function readBatchResponse(answer: unknown, messageIds: ReadonlySet<string>): BatchOutcome {
  const { data, success } = response.safeParse(answer)
  if (!success) return { failed: 'all', reason: 'the answer is no batch response' }
  const failures = z.array(failure).safeParse(data?.batchItemFailures ?? [])
  if (!failures.success) return { failed: 'all', reason: 'an itemIdentifier is missing or empty' }
  const failedIds = new Set(failures.data.map(({ itemIdentifier }) => itemIdentifier))
  if (![...failedIds].every((id) => messageIds.has(id)))
    return { failed: 'all', reason: 'an itemIdentifier is of no message' }
  return failedIds.size === 0 ? { failed: 'none' } : { failed: 'some', messageIds: failedIds }
}
