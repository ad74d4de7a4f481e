// An App1 with jobs behind a gateway that checks signatures; its jobs are worked off as they are asked for.
import { startHttpApi } from '../../../../../infra/emulators/gateway/http-api.ts'
import { invokePolicy, newSigningCredential } from '../../../../../infra/emulators/gateway/signing-credential.ts'
import { routes } from '#shared/routes.ts'

export const credential = newSigningCredential({
  arn: 'arn:aws:sts::123456789012:assumed-role/operator/alice',
  policy: invokePolicy('*'),
})

type Row = { readonly username: string; readonly human_user_id: string; readonly password: unknown }
type Event = {
  readonly body?: string
  readonly headers: Readonly<Record<string, string>>
  readonly rawQueryString: string
  readonly pathParameters?: { readonly id?: string }
}
type Result = { readonly statusCode: number; readonly headers: object; readonly body: string }

type FakeJob = {
  readonly id: string
  readonly key: string
  readonly rows: readonly Row[]
  /** What came in X-Human-Token. */
  readonly human: string | undefined
  asked: number
}

export type FakeOptions = {
  /** The code of rows that fail, by username. */
  readonly failing?: Readonly<Record<string, string>>
  /** How often a job is asked for before it is finished. */
  readonly asksToFinish?: number
  /** In place of the answer to the nth request of the operation, from 1. */
  readonly instead?: (operation: string, nth: number) => Result | Promise<Result> | undefined
}

export const json = (statusCode: number, document: unknown): Result => ({
  statusCode,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(document),
})

export type FakeJobs = {
  readonly url: string
  readonly jobs: readonly FakeJob[]
  /** The operations that were asked for. */
  readonly seen: readonly string[]
  /** The dry runs. */
  readonly dry: readonly { readonly key: string; readonly rows: number }[]
  close(): Promise<void>
}

export async function startFakeJobs({
  failing = {},
  asksToFinish = 1,
  instead = () => undefined,
}: FakeOptions = {}): Promise<FakeJobs> {
  const jobs: FakeJob[] = []
  const seen: string[] = []
  const dry: { readonly key: string; readonly rows: number }[] = []

  const send = ({ body = '', headers, rawQueryString }: Event): Result => {
    const { rows } = JSON.parse(body) as { readonly rows: readonly Row[] }
    const key = headers['idempotency-key'] ?? ''
    if (rawQueryString === 'dry_run=true') {
      dry.push({ key, rows: rows.length })
      const forecast = ({ username }: Row) =>
        failing[username] === undefined ? { would: 'create' } : { would: 'refuse', code: failing[username] }
      return json(200, { rows: rows.map((row, index) => ({ row: index, username: row.username, ...forecast(row) })) })
    }
    const known = jobs.find((job) => job.key === key)
    const human = headers['x-human-token']
    const job = known ?? { id: String(jobs.length).padStart(22, 'j'), key, rows, human, asked: 0 }
    if (known === undefined) jobs.push(job)
    return json(202, { job_id: job.id, status_url: `/jobs/${job.id}` })
  }

  const status = (job: FakeJob): Result => {
    job.asked += 1
    const over = job.asked >= asksToFinish
    const failed = job.rows.filter(({ username }) => failing[username] !== undefined).length
    const total = job.rows.length
    return json(200, {
      job_id: job.id,
      state: over ? 'finished' : 'running',
      rows: {
        total,
        waiting: over ? 0 : total,
        done: over ? total - failed : 0,
        failed: over ? failed : 0,
        cancelled: 0,
      },
      ...(!over && { rows_per_second: 15 }),
    })
  }

  /** Two rows a page. */
  const listRows = (job: FakeJob, { rawQueryString }: Event): Result => {
    const from = Number(new URLSearchParams(rawQueryString).get('cursor') ?? '0')
    const failed = job.rows.flatMap(({ username }, row) =>
      failing[username] === undefined ? [] : [{ row, username, state: 'failed', code: failing[username] }],
    )
    const cursor = from + 2 < failed.length ? { cursor: String(from + 2) } : {}
    return json(200, { rows: failed.slice(from, from + 2), ...cursor })
  }

  const answer = (operation: string, event: Event): Result => {
    const job = jobs.find(({ id }) => id === event.pathParameters?.id)
    if (operation === 'createJob') return send(event)
    if (job === undefined) return json(404, { code: 'job_not_found', detail: 'D.' })
    return operation === 'getJob' ? status(job) : listRows(job, event)
  }

  const api = await startHttpApi({
    routes: routes.app1.map(({ method, path, operation }) => ({
      method,
      path,
      function: (event: unknown) => {
        seen.push(operation)
        const nth = seen.filter((other) => other === operation).length
        return Promise.resolve(instead(operation, nth) ?? answer(operation, event as Event))
      },
    })),
    callerArn: null,
    credentials: [credential],
  })
  return { url: api.url, jobs, seen, dry, close: () => api.close() }
}
