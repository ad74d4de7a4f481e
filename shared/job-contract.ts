// The JSON of jobs and of dry runs, between caller, App1 and App2: types and their schemas. Apart from contract.ts, since it is
// there with jobs=on alone.
import * as z from 'zod/mini'
import { createServiceUserRequest, jobId, provisioningId, timestamp, visibleAscii } from './contract.ts'

/** Of one job. */
export const mostRows = 10_000

/** Of one dry run, which is answered at once: Cognito lets 120 users a second be read. */
export const mostDryRows = 1_000

/** What a caller sends: each row is a creation of its own. */
export const jobRequest = z.strictObject({
  rows: z
    .array(createServiceUserRequest, 'must be a list')
    .check(z.minLength(1, 'must have at least one row'), z.maxLength(mostRows, `must have at most ${mostRows} rows`)),
})

export const dryRunQuery = z.strictObject({
  dry_run: z._default(z.enum(['true', 'false'], 'must be true or false'), 'false'),
})

export const acceptedJob = z.object({ job_id: z.string(), status_url: z.string() })

/** `waiting` until it is one of the others, which it stays. `cancelled` was never tried: its user was not made. */
export const rowStates = ['waiting', 'done', 'failed', 'cancelled'] as const

const rowState = z.enum(rowStates, `must be one of ${rowStates.join(', ')}`)

const count = z.int().check(z.gte(0))

/**
 * The counts are of the rows as they are now. `rows_per_second` is there once a row was worked off, and of a job at its end once
 * that was noticed, within a minute; `estimated_end` while it runs.
 */
export const jobStatus = z.object({
  job_id: z.string(),
  state: z.enum(['running', 'cancelling', 'finished', 'cancelled']),
  created_at: timestamp,
  rows: z.object({ total: count, waiting: count, done: count, failed: count, cancelled: count }),
  rows_per_second: z.optional(z.number()),
  estimated_end: z.optional(timestamp),
  /** From then on nothing of the job is kept. */
  expires_at: timestamp,
})

export const ofJob = z.strictObject({ id: jobId })

export const jobRowsQuery = z.strictObject({
  state: z.optional(rowState),
  limit: z._default(
    z.pipe(
      z.string().check(z.regex(/^([1-9]\d{0,2}|1000)$/, 'must be a whole number from 1 to 1000')),
      z.transform(Number),
    ),
    100,
  ),
  cursor: z.optional(z.string()),
})

/** `row` is the index in the job, from 0. `code` is that of a single creation's refusal. */
export const jobRow = z.object({
  row: count,
  username: z.string(),
  state: rowState,
  code: z.optional(z.string()),
  provisioning_id: z.optional(provisioningId),
  secret_arn: z.optional(z.string()),
})

export const jobRows = z.object({ rows: z.array(jobRow), cursor: z.optional(z.string()) })

/** What a creation would do now: make the user, give again what an earlier one made (or finish it), or refuse with `code`. */
const forecast = { would: z.enum(['create', 'repeat', 'refuse']), code: z.optional(z.string()) }

export const dryCreation = z.object({ username: z.string(), ...forecast })

export const dryJob = z.object({ rows: z.array(z.object({ row: count, username: z.string(), ...forecast })) })

// --- App2: what App1 asks it.

/** `deliver_to` as in a creation. */
export const checkUsersRequest = z.strictObject({
  rows: z
    .array(
      z.strictObject({
        username: createServiceUserRequest.shape.username,
        provisioning_id: provisioningId,
        deliver_to: z.optional(z.string('must be a string')),
      }),
      'must be a list',
    )
    .check(
      z.minLength(1, 'must have at least one row'),
      z.maxLength(mostDryRows, `must have at most ${mostDryRows} rows`),
    ),
  requested_by: visibleAscii(1024),
})

/** In the order of the request's rows. */
export const checkedUsers = z.object({ rows: z.array(z.object(forecast)) })

export type JobRequest = z.infer<typeof jobRequest>
export type JobStatus = z.infer<typeof jobStatus>
export type JobRow = z.infer<typeof jobRow>
export type RowState = z.infer<typeof rowState>
export type JobRows = z.infer<typeof jobRows>
export type DryCreation = z.infer<typeof dryCreation>
export type DryJob = z.infer<typeof dryJob>
export type Forecast = z.infer<typeof checkedUsers>['rows'][number]
export type CheckUsersRequest = z.infer<typeof checkUsersRequest>
export type CheckedUsers = z.infer<typeof checkedUsers>
