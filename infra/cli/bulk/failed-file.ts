// Writes the rows that are no users as a CSV file (RFC 4180), without passwords; it may be sent again.
import { writeFile } from 'node:fs/promises'
import { errorTable, isErrorCode } from '#shared/errors.ts'
import type { FailedRow } from './run-bulk.ts'

/** Why a row failed, as a sentence; empty for a code of a newer App1. */
export function reasonOfCode(code: string): string {
  if (code === 'cancelled') return 'The job was cancelled before this row.'
  return isErrorCode(code) ? errorTable[code].detail : ''
}

/** Over what is there. Of a job that was watched by its id, who asked for the users is not known. */
export async function writeFailed(path: string, rows: readonly FailedRow[]): Promise<void> {
  const hasFile = rows.some(({ humanUserId }) => humanUserId !== undefined)
  const records = [
    ['username', ...(hasFile ? ['human_user_id'] : []), 'code', 'reason'],
    ...rows.map(({ username, humanUserId = '', code }) => [
      username,
      ...(hasFile ? [humanUserId] : []),
      code,
      reasonOfCode(code),
    ]),
  ]
  const text = records.map((fields) => `${fields.map(toField).join(',')}\r\n`).join('')
  await writeFile(path, text, { mode: 0o600 })
}

function toField(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
