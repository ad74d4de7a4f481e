// What a job is where it is kept, and the ports to that place: jobs, their rows, and the queue of what is to be done. No SDK.
import type { RowState } from '#shared/job-contract.ts'
import type { Deadline } from '#shared/time/deadline.ts'

/** Which row of which job; all that a message of the queue holds. `row` is the index in the job, from 0. */
export type RowId = { readonly job: string; readonly row: number }

/** `loading` until every row is there. Nobody has been told of such a job yet. */
export type JobState = 'loading' | 'ready' | 'cancelled'

export type NewJob = {
  readonly id: string
  /** ARN of the role that asked for it. */
  readonly requestedBy: string
  /** RFC 3339, UTC. */
  readonly createdAt: string
  /** How many. */
  readonly rows: number
  /** Of the whole request, keyed: see jobs/job-identity.ts. */
  readonly fingerprint: string
  /** Epoch seconds, by which DynamoDB forgets the job and its rows. */
  readonly expiresAt: number
  /** Whose token asked for it, where one did. */
  readonly human?: JobHuman | undefined
}

/** What is kept of a human's token, which itself is not. `evidence` is the same, sealed for App2. */
export type JobHuman = {
  readonly issuer: string
  readonly sub: string
  readonly jti: string | undefined
  readonly evidence: string
}

export type Job = NewJob & {
  readonly state: JobState
  /** Until when somebody is writing the rows, in epoch milliseconds; 0 where nobody is. */
  readonly loadingUntil: number
  /** As KMS wrapped them. A row names the one that its password is sealed under by its index. */
  readonly dataKeys: readonly Uint8Array[]
  /** When no row was left waiting, as the sweeper saw it. RFC 3339, UTC. */
  readonly endedAt: string | undefined
}

/** Sealed under one of the job's data keys (see job-cipher.ts), or to be made by App2 for that role alone. */
export type RowPassword =
  { readonly sealed: Uint8Array; readonly key: number } | { readonly deliverTo: string; readonly sealed?: never }

export type NewRow = {
  readonly row: number
  readonly username: string
  readonly humanUserId: string
  readonly password: RowPassword
}

export type StoredRow = {
  readonly state: RowState
  readonly username: string
  readonly humanUserId: string
  /** Gone when the row leaves `waiting`, where it was a sealed one. */
  readonly password: RowPassword | undefined
  readonly attempts: number
  /** Epoch milliseconds of the begin of the first attempt: from then on its user may exist. */
  readonly firstTriedAt: number | undefined
}

/** What a row becomes. */
export type Settlement =
  | { readonly state: 'done'; readonly provisioningId: string; readonly secretArn: string | undefined }
  | { readonly state: 'failed'; readonly code: string }
  | { readonly state: 'cancelled' }

/** A row as a list shows it. */
export type ListedRow = {
  readonly row: number
  readonly username: string
  readonly state: RowState
  readonly code: string | undefined
  readonly provisioningId: string | undefined
  readonly secretArn: string | undefined
}

/** Attempts since the row was read, and when the last one ended (epoch milliseconds). */
export type Attempts = { readonly attempts: number; readonly now: number }

/** All calls throw what `mapAwsError` says, within the deadline. */
export type JobTable = {
  /** Keeps a job that is `loading`, with nobody at it. False where there is one with this id that has not expired. */
  begin(job: NewJob, deadline: Deadline): Promise<boolean>
  find(id: string, deadline: Deadline): Promise<Job | undefined>
  /**
   * Takes the job for writing its rows, with one more data key where there is one. Gives the key's index (-1 without a key), or
   * undefined where the job is not `loading`, or taken by somebody else whose time is not over.
   */
  claim(id: string, claim: Claim, deadline: Deadline): Promise<number | undefined>
  /** Gives it back, for a repeat that need not wait. Only if it is still ours. */
  release(id: string, claimedUntil: number, deadline: Deadline): Promise<void>
  /** All rows are there: the job is `ready`, and the sweeper knows of it. Changes nothing where it is not `loading`. */
  complete(job: Pick<Job, 'id' | 'requestedBy' | 'expiresAt'>, deadline: Deadline): Promise<void>
  /** Cancels a job that is `ready`. Changes nothing in any other. */
  cancel(id: string, deadline: Deadline): Promise<void>
  /** The jobs that have been completed and not closed. */
  openJobs(deadline: Deadline): Promise<readonly string[]>
  /** How many of them that role has asked for. */
  countOpen(requestedBy: string, deadline: Deadline): Promise<number>
  /** No row is waiting: the sweeper need not look at it again. */
  close(id: string, endedAt: string, deadline: Deadline): Promise<void>
}

export type Claim = {
  /** Both in epoch milliseconds. */
  readonly now: number
  readonly until: number
  readonly dataKey: Uint8Array | undefined
}

/** `total` is how many rows the job has. All calls throw what `mapAwsError` says, within the deadline. */
export type RowTable = {
  /** Writes rows that are not there yet, as `waiting`: it would overwrite those that are. */
  add(job: Pick<Job, 'id' | 'expiresAt'>, rows: readonly NewRow[], now: number, deadline: Deadline): Promise<void>
  /** The rows that are there already. Those that an older job of the same id left behind are not: `add` writes over them. */
  present(job: Pick<Job, 'id' | 'expiresAt' | 'rows'>, deadline: Deadline): Promise<ReadonlySet<number>>
  read(id: RowId, deadline: Deadline): Promise<StoredRow | undefined>
  /** Marks the first attempt, before it is made. False where the row is not waiting any more. */
  begin(id: RowId, now: number, deadline: Deadline): Promise<boolean>
  /**
   * Ends the waiting of a row, and removes its sealed password. False where it was not waiting any more, and for the cancellation
   * of a row that was begun: its user may exist, so it is tried to its end.
   */
  settle(id: RowId, settlement: Settlement, attempts: Attempts, deadline: Deadline): Promise<boolean>
  /** Counts attempts that came to nothing. Changes nothing where the row is not waiting any more. */
  countAttempts(id: RowId, attempts: Attempts, deadline: Deadline): Promise<void>
  /** Of a job whose rows are all written: they add up to `total`. */
  count(job: string, total: number, deadline: Deadline): Promise<Readonly<Record<RowState, number>>>
  /** At most `limit` rows behind `after`, in their order; of one state where one is named. */
  list(job: string, total: number, page: Page, deadline: Deadline): Promise<readonly ListedRow[]>
  /** The rows that are waiting and were not touched since that instant (epoch milliseconds). */
  waitingSince(job: string, total: number, untouchedSince: number, deadline: Deadline): Promise<readonly number[]>
}

export type Page = {
  readonly state: RowState | undefined
  /** -1 for the first page. */
  readonly after: number
  readonly limit: number
}

export type JobQueue = {
  /** Sends the ids. Gives how many could not be sent: those are the sweeper's. Never throws. */
  send(ids: readonly RowId[], deadline: Deadline): Promise<number>
  /** Has a message that was received come back so many seconds from now. */
  postpone(receiptHandle: string, seconds: number, deadline: Deadline): Promise<void>
  /** How many messages wait, about, and for how long one that was received is hidden from others (ms). */
  look(deadline: Deadline): Promise<{ readonly waiting: number; readonly visibilityMs: number }>
}
