// Divides rows into requests that App1 and what stands before it take.
import type { CreateJobData } from '#shared/client/generated/types.gen.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import type { BulkRow } from './read-rows.ts'

export type RequestRow = CreateJobData['body']['rows'][number]

export function toRequestRow({ username, humanUserId, password }: BulkRow): RequestRow {
  return {
    username,
    ...(humanUserId !== undefined && { human_user_id: humanUserId }),
    password: password instanceof SecretValue ? password.expose() : { generate: { deliver_to: password.deliverTo } },
  }
}

/**
 * Lambda takes 6 MiB of an event (6,291,456 bytes), in which the body is a string: each quotation mark of it has two bytes
 * there. The rest is for the event's other fields.
 */
export const mostEventBytes = 6_000_000

/** In the order of the rows; none is empty. */
export function splitRows(
  rows: readonly BulkRow[],
  { mostRows, mostBytes = mostEventBytes }: { readonly mostRows: number; readonly mostBytes?: number },
): readonly (readonly BulkRow[])[] {
  const parts: BulkRow[][] = []
  let part: BulkRow[] = []
  let bytes = 0
  for (const row of rows) {
    const ofRow = Buffer.byteLength(JSON.stringify(JSON.stringify(toRequestRow(row))))
    if (part.length === mostRows || (part.length > 0 && bytes + ofRow > mostBytes)) part = []
    if (part.length === 0) {
      parts.push(part)
      bytes = 0
    }
    part.push(row)
    bytes += ofRow
  }
  return parts
}
