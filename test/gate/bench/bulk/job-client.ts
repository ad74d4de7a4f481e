// What the caller of a job does: it posts the rows and asks how far they are, again and again where it gets no answer.
import { setTimeout as sleep } from 'node:timers/promises'
import type * as z from 'zod/mini'
import { acceptedJob, jobRows, jobStatus, type JobRow, type JobStatus } from '../../../../shared/job-contract.ts'

export type BulkRow = {
  readonly username: string
  readonly human_user_id: string
  readonly password: string | { readonly generate: { readonly deliver_to: string } }
}

export type JobClient = {
  readonly post: (key: string, rows: readonly BulkRow[]) => Promise<string>
  readonly show: (id: string) => Promise<JobStatus>
  readonly rowsOf: (id: string) => Promise<readonly JobRow[]>
}

const mostTries = 20
const betweenTriesMs = 250

export function createJobClient(app1Url: string): JobClient {
  /** Rejects where the answer is another one twenty times. */
  async function call<T>(path: string, schema: z.ZodMiniType<T>, init: RequestInit = {}): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      const response = await fetch(`${app1Url}${path}`, init)
      const body: unknown = await response.json()
      if (response.ok) return schema.parse(body)
      if (tries === mostTries) throw new Error(`${path} was answered with ${response.status}`)
      await sleep(betweenTriesMs)
    }
  }
  return {
    post: async (key, rows) => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': key }
      return (await call('/jobs', acceptedJob, { method: 'POST', headers, body: JSON.stringify({ rows }) })).job_id
    },
    show: (id) => call(`/jobs/${id}`, jobStatus),
    rowsOf: async (id) => {
      const rows: JobRow[] = []
      let cursor: string | undefined
      do {
        const query = `limit=1000${cursor === undefined ? '' : `&cursor=${cursor}`}`
        const page = await call(`/jobs/${id}/rows?${query}`, jobRows)
        rows.push(...page.rows)
        cursor = page.cursor
      } while (cursor !== undefined)
      return rows
    },
  }
}
