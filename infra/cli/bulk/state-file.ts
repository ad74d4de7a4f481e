// The keys of the jobs that a CSV file was sent as, kept beside it: who has them sends the same jobs again, and no others. It
// holds nothing of a password.
import { createHash } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import * as z from 'zod/mini'
import { parseJson } from '#shared/text/parse-json.ts'
import { UsageError } from '../command-line.ts'
import type { BulkRow } from './read-rows.ts'

const stateForm = z.object({
  version: z.literal(1),
  url: z.string(),
  rows_hash: z.string(),
  jobs: z.array(z.object({ key: z.string().check(z.regex(/^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]{1,255}$/)) })),
})

export function statePathOf(csvPath: string): string {
  return `${csvPath}.bulk.json`
}

/** What lies beside a CSV file: nothing, the keys of the same rows at the same App1, or something else. */
export type KeptKeys =
  { readonly kind: 'none' } | { readonly kind: 'same'; readonly keys: readonly string[] } | { readonly kind: 'other' }

export async function readKeys(
  csvPath: string,
  sent: { readonly url: URL; readonly rows: readonly BulkRow[]; readonly jobs: number },
): Promise<KeptKeys> {
  let text: string
  try {
    text = await readFile(statePathOf(csvPath), 'utf8')
  } catch (error) {
    return { kind: error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'none' : 'other' }
  }
  const { data } = z.safeParse(stateForm, parseJson(text))
  const isSame = data?.url === sent.url.href && data.rows_hash === hashOf(sent.rows) && data.jobs.length === sent.jobs
  return isSame ? { kind: 'same', keys: data.jobs.map(({ key }) => key) } : { kind: 'other' }
}

/** Before anything is sent. Throws UsageError where the file cannot be written. */
export async function keepKeys(
  csvPath: string,
  sent: { readonly url: URL; readonly rows: readonly BulkRow[]; readonly keys: readonly string[] },
): Promise<void> {
  const { url, rows, keys } = sent
  const state: z.output<typeof stateForm> = {
    version: 1,
    url: url.href,
    rows_hash: hashOf(rows),
    jobs: keys.map((key) => ({ key })),
  }
  const path = statePathOf(csvPath)
  try {
    // Whole or not at all: half a file would send the jobs under other keys.
    await writeFile(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
    await rename(`${path}.new`, path)
  } catch {
    throw new UsageError('The keys of the jobs cannot be kept beside the CSV file: its folder cannot be written to.')
  }
}

/**
 * Of everything but the passwords, which somebody could guess by it. Where they alone have changed, App1 finds the key used
 * for another request.
 */
function hashOf(rows: readonly BulkRow[]): string {
  const hash = createHash('sha256')
  for (const { username, humanUserId, password } of rows) {
    hash.update(`${JSON.stringify([username, humanUserId, 'deliverTo' in password ? password.deliverTo : null])}\n`)
  }
  return hash.digest('base64url')
}
