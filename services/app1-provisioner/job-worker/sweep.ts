// What is looked after once a minute: rows whose message was lost, rows that a cancellation spares the attempt, and jobs that are
// at their end.
import { toServiceError } from '#shared/errors.ts'
import type { Logger } from '#shared/logger.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import { mapBounded } from '#shared/time/map-bounded.ts'
import type { Job, JobQueue, JobTable, RowTable } from '../job-store/job-store.ts'

export type SweepDeps = {
  readonly jobs: Pick<JobTable, 'openJobs' | 'find' | 'close'>
  readonly rows: Pick<RowTable, 'count' | 'waitingSince' | 'settle'>
  readonly queue: Pick<JobQueue, 'send' | 'look'>
  readonly now: () => number
  readonly random: () => number
}

type Context = { readonly deadline: Deadline; readonly logger: Logger }

type Queue = Awaited<ReturnType<JobQueue['look']>>

const updatesAtOnce = 16

/** A job that fails is left to the next sweep, and keeps no other from its own. Throws where table or queue cannot be read. */
export async function sweep(deps: SweepDeps, { deadline, logger }: Context): Promise<void> {
  const [open, queue] = await Promise.all([deps.jobs.openJobs(deadline), deps.queue.look(deadline)])
  for (const id of rotated(open, deps.random)) {
    if (deadline.remainingMs() === 0) return
    try {
      await sweepJob(id, queue, deps, { deadline, logger })
    } catch (error) {
      const { code, reason } = toServiceError(error)
      logger.warn('job not swept', { job: id, code, reason })
    }
  }
}

async function sweepJob(id: string, queue: Queue, deps: SweepDeps, { deadline, logger }: Context): Promise<void> {
  const job = await deps.jobs.find(id, deadline)
  if (job?.state === 'loading') return
  const waiting = job === undefined ? 0 : (await deps.rows.count(id, job.rows, deadline)).waiting
  if (job === undefined || waiting === 0) {
    await deps.jobs.close(id, new Date(deps.now()).toISOString(), deadline)
    logger.info('job at its end', { job: id })
    return
  }
  if (job.state === 'cancelled') await cancelRows(job, deps, deadline)
  // Of a cancelled one, the rows that were begun.
  await sendAgain(job, queue, deps, { deadline, logger })
}

/** From another one on each time: where the time is too short for all, none is the last for ever. */
function rotated(ids: readonly string[], random: () => number): string[] {
  const from = Math.floor(random() * ids.length)
  return [...ids.slice(from), ...ids.slice(0, from)]
}

async function cancelRows({ id, rows: total }: Job, { rows, now }: SweepDeps, deadline: Deadline): Promise<void> {
  const waiting = await rows.waitingSince(id, total, now(), deadline)
  await mapBounded(waiting, { atOnce: updatesAtOnce }, (row) =>
    rows.settle({ job: id, row }, { state: 'cancelled' }, { attempts: 0, now: now() }, deadline),
  )
}

/**
 * Not while messages wait in the queue: a long job's rows are untouched because their turn has not come, and sent again every
 * minute they would fill it. Of a row that is being worked off, the message is hidden for less than twice that time.
 */
async function sendAgain(
  { id, rows: total }: Job,
  queue: Queue,
  { rows, queue: { send }, now }: SweepDeps,
  { deadline, logger }: Context,
): Promise<void> {
  if (queue.waiting > 0) return
  const lost = await rows.waitingSince(id, total, now() - 2 * queue.visibilityMs, deadline)
  if (lost.length === 0) return
  const unsent = await send(
    lost.map((row) => ({ job: id, row })),
    deadline,
  )
  logger.warn('messages sent again', { job: id, outcome: unsent === 0 ? 'sent' : 'sent in part' })
}
