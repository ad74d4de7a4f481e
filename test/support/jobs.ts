// Builders for the tests of jobs: data keys as KMS would make them, and jobs that are kept already.
import { createSecretKey, randomBytes } from 'node:crypto'
import type { DataKey, MakeDataKey, OpenDataKey } from '#services/app1-provisioner/job-store/data-keys.ts'
import { sealRowPassword } from '#services/app1-provisioner/job-store/job-cipher.ts'
import type { Job, NewRow } from '#services/app1-provisioner/job-store/job-store.ts'
import { ServiceError } from '#shared/errors.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import type { FakeJobStore } from './fake-job-store.ts'
import { goodPassword } from './requests.ts'

export const reader = 'arn:aws:iam::111111111111:role/reader'
export const owner = 'arn:aws:iam::111111111111:role/orders'
export const jobId = 'pGWd6pVJ2c5WnV8M4sSl2A'

/** Data keys that open for the job that they were made for alone. */
export function fakeDataKeys(): { readonly make: MakeDataKey; readonly open: OpenDataKey; readonly opened: string[] } {
  const made = new Map<string, DataKey['key']>()
  const opened: string[] = []
  const nameOf = (job: string, wrapped: Uint8Array): string => `${job} ${Buffer.from(wrapped).toString('hex')}`
  return {
    opened,
    make: (job) => {
      const dataKey = { key: createSecretKey(randomBytes(32)), wrapped: randomBytes(40) }
      made.set(nameOf(job, dataKey.wrapped), dataKey.key)
      return Promise.resolve(dataKey)
    },
    open: (job, wrapped) => {
      opened.push(job)
      const key = made.get(nameOf(job, wrapped))
      return key ? Promise.resolve(key) : Promise.reject(new ServiceError('password_unreadable'))
    },
  }
}

export const keptJob = (changes: Partial<Job> = {}): Job => ({
  id: jobId,
  requestedBy: owner,
  createdAt: '2026-01-01T00:00:00.000Z',
  rows: 1,
  fingerprint: 'F',
  expiresAt: Date.UTC(2026, 0, 31) / 1_000,
  state: 'ready',
  loadingUntil: 0,
  dataKeys: [],
  endedAt: undefined,
  ...changes,
})

/** Puts a job that is ready into the store, with so many rows that wait with sealed passwords since `now`. */
export async function keepJob(
  store: FakeJobStore,
  { make }: { readonly make: MakeDataKey },
  options: { readonly rows?: number; readonly now?: number; readonly deliverTo?: string } = {},
): Promise<Job> {
  const { rows = 1, now = Date.UTC(2026, 0, 1), deliverTo } = options
  const deadline = { expiresAt: 0, remainingMs: () => 0 } as never
  const dataKey = await make(jobId, deadline)
  const job = keptJob({ rows, dataKeys: [dataKey.wrapped] })
  const added = Array.from({ length: rows }, (_, row): NewRow => {
    const username = `worker-${row}`
    const sealed = sealRowPassword(dataKey.key, new SecretValue(`${goodPassword}-${row}`), {
      job: jobId,
      row,
      username,
    })
    return { row, username, humanUserId: 'alice', password: deliverTo ? { deliverTo } : { sealed, key: 0 } }
  })
  store.kept.set(jobId, job)
  store.open.add(jobId)
  await store.rows.add(job, added, now, deadline)
  return job
}
