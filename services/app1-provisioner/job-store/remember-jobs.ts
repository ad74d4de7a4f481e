// Jobs as they were a second ago, at most: the rows of a batch are mostly of one job.
import type { Job, JobTable } from './job-store.ts'

const maxAgeMs = 1_000
const mostJobs = 100

/** `find`, once a second for each job. A failure is forgotten. */
export function rememberJobs({ find }: Pick<JobTable, 'find'>, now: () => number): JobTable['find'] {
  const found = new Map<string, { readonly at: number; readonly job: Promise<Job | undefined> }>()
  return (id, deadline) => {
    const known = found.get(id)
    if (known !== undefined && now() - known.at < maxAgeMs) return known.job
    const job = find(id, deadline)
    // Last in the order of the map, whose first is given up when it grows.
    found.delete(id)
    found.set(id, { at: now(), job })
    job.catch(() => found.delete(id))
    const [oldest] = found.keys()
    if (found.size > mostJobs && oldest !== undefined) found.delete(oldest)
    return job
  }
}
