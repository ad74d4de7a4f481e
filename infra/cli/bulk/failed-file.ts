// Writes the rows that are no users as a CSV file (RFC 4180), without passwords; it may be sent again.
import { access, constants, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { errorTable, isErrorCode } from '#shared/errors.ts'
import { UsageError } from '../command-line.ts'
import type { FailedRow } from './run-bulk.ts'

/** Why a row failed, as a sentence; empty for a code of a newer App1. */
export function reasonOfCode(code: string): string {
  if (code === 'cancelled') return 'The job was cancelled before this row was tried: there is no user of it.'
  return isErrorCode(code) ? errorTable[code].detail : ''
}

/** Before anything is sent. Throws UsageError where the file could not be written. */
export async function checkWritable(path: string): Promise<void> {
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  try {
    await access(isThere ? path : dirname(path), constants.W_OK)
  } catch {
    throw new UsageError('The file for the rows that fail cannot be written. See --failed. Nothing was sent.')
  }
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
