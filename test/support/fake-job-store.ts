// Jobs, rows and queue in memory, with the conditions of the real ones; they fail where a test says so.
import type {
  Job,
  JobQueue,
  JobTable,
  ListedRow,
  NewRow,
  RowId,
  RowTable,
  Settlement,
  StoredRow,
} from '#services/app1-provisioner/job-store/job-store.ts'
import type { RowState } from '#shared/job-contract.ts'

type KeptRow = StoredRow & {
  readonly touchedAt: number
  readonly expiresAt: number
  readonly settlement?: Settlement
}

/** `begin` is of a job, `beginRow` of a row. */
type Operation = keyof JobTable | keyof RowTable | 'beginRow'

export type FakeJobStore = {
  readonly jobs: JobTable
  readonly rows: RowTable
  readonly queue: JobQueue
  readonly kept: Map<string, Job>
  readonly keptRows: Map<string, KeptRow>
  readonly open: Set<string>
  readonly sent: RowId[]
  readonly postponed: { readonly receiptHandle: string; readonly seconds: number }[]
  /** The next calls of `operation` throw these, one each; with `afterEffect` once they have taken effect. */
  fail(operation: Operation, error: Error, options?: { readonly afterEffect?: boolean }): void
  /** What the queue says of itself. */
  look: { waiting: number; visibilityMs: number }
  /** How many messages the queue does not take. */
  unsent: number
}

export const rowName = ({ job, row }: RowId): string => `${job} ${row}`

export function fakeJobStore(): FakeJobStore {
  const kept = new Map<string, Job>()
  const keptRows = new Map<string, KeptRow>()
  const open = new Set<string>()
  const sent: RowId[] = []
  const postponed: FakeJobStore['postponed'] = []
  const failures: { operation: Operation; error: Error; afterEffect: boolean }[] = []

  function perform<T>(operation: Operation, effect: () => T): Promise<T> {
    const at = failures.findIndex((failure) => failure.operation === operation)
    const [failure] = at < 0 ? [] : failures.splice(at, 1)
    if (failure?.afterEffect === false) return Promise.reject(failure.error)
    const result = effect()
    return failure === undefined ? Promise.resolve(result) : Promise.reject(failure.error)
  }

  const change = (id: string, from: Job['state'], changes: Partial<Job>): void => {
    const job = kept.get(id)
    if (job?.state === from) kept.set(id, { ...job, ...changes })
  }

  const rowsOf = (job: string, total = Infinity): (KeptRow & { readonly row: number })[] =>
    [...keptRows]
      .filter(([name]) => name.startsWith(`${job} `))
      .map(([name, row]) => ({ ...row, row: Number(name.split(' ')[1]) }))
      .filter(({ row }) => row < total)
      .sort((one, other) => one.row - other.row)

  const jobs: JobTable = {
    begin: (job) =>
      perform('begin', () => {
        const expiresAt = kept.get(job.id)?.expiresAt ?? 0
        if (expiresAt * 1_000 > Date.parse(job.createdAt)) return false
        kept.set(job.id, { ...job, state: 'loading', loadingUntil: 0, dataKeys: [], endedAt: undefined })
        return true
      }),
    find: (id) => perform('find', () => kept.get(id)),
    claim: (id, { now, until, dataKey }) =>
      perform('claim', () => {
        const job = kept.get(id)
        if (job?.state !== 'loading' || job.loadingUntil > now) return undefined
        const dataKeys = dataKey ? [...job.dataKeys, dataKey] : job.dataKeys
        kept.set(id, { ...job, loadingUntil: until, dataKeys })
        return dataKey ? dataKeys.length - 1 : -1
      }),
    release: (id, until) =>
      perform('release', () => {
        const job = kept.get(id)
        if (job?.loadingUntil === until) kept.set(id, { ...job, loadingUntil: 0 })
      }),
    complete: ({ id }) =>
      perform('complete', () => {
        open.add(id)
        change(id, 'loading', { state: 'ready' })
      }),
    cancel: (id) =>
      perform('cancel', () => {
        change(id, 'ready', { state: 'cancelled' })
      }),
    countOpen: (requestedBy) =>
      perform('countOpen', () => [...open].filter((id) => kept.get(id)?.requestedBy === requestedBy).length),
    openJobs: () => perform('openJobs', () => [...open]),
    close: (id, endedAt) =>
      perform('close', () => {
        open.delete(id)
        const job = kept.get(id)
        if (job) kept.set(id, { ...job, endedAt })
      }),
  }

  const rows: RowTable = {
    add: (job, added, now) =>
      perform('add', () => {
        for (const row of added) keptRows.set(rowName({ job: job.id, row: row.row }), toKept(row, job.expiresAt, now))
      }),
    present: ({ id, expiresAt }) =>
      perform('present', () => {
        const own = rowsOf(id).filter((row) => row.expiresAt === expiresAt)
        return new Set(own.map(({ row }) => row))
      }),
    read: (id) => perform('read', () => keptRows.get(rowName(id))),
    begin: (id, now) =>
      perform('beginRow', () => {
        const row = keptRows.get(rowName(id))
        if (row?.state !== 'waiting') return false
        keptRows.set(rowName(id), { ...row, touchedAt: now, firstTriedAt: row.firstTriedAt ?? now })
        return true
      }),
    settle: (id, settlement, { attempts, now }) =>
      perform('settle', () => {
        const row = keptRows.get(rowName(id))
        const { state } = settlement
        if (row?.state !== 'waiting') return false
        if (state === 'cancelled' && row.firstTriedAt !== undefined) return false
        const changes = { state, settlement, attempts: row.attempts + attempts, touchedAt: now, password: undefined }
        keptRows.set(rowName(id), { ...row, ...changes })
        return true
      }),
    countAttempts: (id, { attempts, now }) =>
      perform('countAttempts', () => {
        const row = keptRows.get(rowName(id))
        if (row?.state !== 'waiting') return
        keptRows.set(rowName(id), { ...row, attempts: row.attempts + attempts, touchedAt: now })
      }),
    count: (job, total) =>
      perform('count', () => {
        const counts: Record<RowState, number> = { waiting: 0, done: 0, failed: 0, cancelled: 0 }
        for (const { state } of rowsOf(job, total)) counts[state] += 1
        return counts
      }),
    list: (job, total, { state, after, limit }) =>
      perform('list', () =>
        rowsOf(job, total)
          .filter((row) => row.row > after && (state === undefined || row.state === state))
          .slice(0, limit)
          .map(toListed),
      ),
    waitingSince: (job, total, since) =>
      perform('waitingSince', () =>
        rowsOf(job, total)
          .filter(({ state, touchedAt }) => state === 'waiting' && touchedAt <= since)
          .map(({ row }) => row),
      ),
  }

  const store: FakeJobStore = {
    jobs,
    rows,
    queue: {
      send: (ids) => {
        sent.push(...ids.slice(store.unsent))
        return Promise.resolve(Math.min(store.unsent, ids.length))
      },
      postpone: (receiptHandle, seconds) => {
        postponed.push({ receiptHandle, seconds })
        return Promise.resolve()
      },
      look: () => Promise.resolve(store.look),
    },
    kept,
    keptRows,
    open,
    sent,
    postponed,
    look: { waiting: 0, visibilityMs: 360_000 },
    unsent: 0,
    fail: (operation, error, { afterEffect = false } = {}) => {
      failures.push({ operation, error, afterEffect })
    },
  }
  return store
}

function toKept({ username, humanUserId, password }: NewRow, expiresAt: number, touchedAt: number): KeptRow {
  const untried = { state: 'waiting', attempts: 0, firstTriedAt: undefined } as const
  return { ...untried, username, humanUserId, password, expiresAt, touchedAt }
}

function toListed({ row, username, state, settlement }: KeptRow & { readonly row: number }): ListedRow {
  return {
    row,
    username,
    state,
    code: settlement?.state === 'failed' ? settlement.code : undefined,
    provisioningId: settlement?.state === 'done' ? settlement.provisioningId : undefined,
    secretArn: settlement?.state === 'done' ? settlement.secretArn : undefined,
  }
}
