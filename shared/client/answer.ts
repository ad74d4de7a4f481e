// What came of a request, as a value: the document of the operation, or a failure with a code.
import type { Problem } from './generated/types.gen.ts'
import { readLimited } from './read-limited.ts'

export type Answer<Data = unknown, Code extends string = string> = Success<Data> | Failure<Code>

/** Where an operation has several answers (a dry run's is 200), `status` tells them apart by type as well. */
export type Success<Data, Status extends number = number> = {
  readonly ok: true
  readonly status: Status
  readonly data: Data
  /** How many were made, the one that answered among them. */
  readonly attempts: number
}

export type Failure<Code extends string = string> = {
  readonly ok: false
  /** The operation's own codes are in docs/errors.md. */
  readonly code: Code | ClientCode | UnknownCode
  /** A sentence for a person: App1's, API Gateway's, or Node's. */
  readonly message: string
  /** Absent where there was no answer. */
  readonly status?: number
  /** App1's document, where the answer was App1's. */
  readonly problem?: Problem
  /**
   * Of all attempts together: `none`: nothing was done; `partial`: it was begun, and a repeat finishes it; `unknown`: nobody
   * can say.
   */
  readonly outcome: Outcome
  readonly retryAfterSeconds?: number
  readonly attempts: number
  /** Of a creation and of a job: repeats it, with the same body. */
  readonly idempotencyKey?: string
  readonly cause?: unknown
}

/** What App1 did not say: API Gateway in front of it, no answer in time, none at all, or one that is no JSON object. */
export type ClientCode = 'gateway_refused' | 'timeout' | 'unreachable' | 'unreadable_answer'

/** A code that this client's document does not have: of a newer App1. */
export type UnknownCode = string & Record<never, never>

export type Outcome = NonNullable<Problem['outcome']>

/** What one attempt can say. */
export type AttemptFailure = Omit<Failure, 'attempts' | 'idempotencyKey'>

/** Lambda gives no longer one: the refusal of a job tells of each row. */
const longestAnswer = 6 * 1024 * 1024

/** Throws ResponseTooLargeError, and what breaks the transfer. */
export async function readAnswer(response: Response): Promise<Omit<Success<unknown>, 'attempts'> | AttemptFailure> {
  const { status, ok } = response
  const data = parseObject((await readLimited(response, longestAnswer)).toString('utf8'))
  if (!ok) return refusal(response, data ?? {})
  if (data !== undefined && isOfApp1(data)) return { ok, status, data }
  return { ok: false, code: 'unreadable_answer', message: 'The answer could not be read.', status, outcome: 'unknown' }
}

/** Whatever App1 serves is a user, a job, or a list of users or of rows: anything else is somebody else's answer. */
function isOfApp1(data: Readonly<Record<string, unknown>>): boolean {
  const isOne = ['username', 'job_id'].some((name) => typeof data[name] === 'string')
  return isOne || ['users', 'rows'].some((name) => Array.isArray(data[name])) || data['status'] === 'ok'
}

function refusal({ status, headers }: Response, document: Record<string, unknown>): AttemptFailure {
  const isProblem = typeof document['code'] === 'string'
  const words = isProblem ? document['detail'] : document['message']
  const retryAfter = headers.get('retry-after') ?? ''
  return {
    ok: false,
    code: isProblem ? String(document['code']) : 'gateway_refused',
    message: typeof words === 'string' ? words : `Status ${status}.`,
    status,
    // Parsed here, and nowhere else: what App1 answers with a code is its problem document.
    ...(isProblem && { problem: document as unknown as Problem }),
    outcome: isOutcome(document['outcome']) ? document['outcome'] : status < 500 ? 'none' : 'unknown',
    ...(/^\d+$/.test(retryAfter) && { retryAfterSeconds: Number(retryAfter) }),
  }
}

/** Nobody knows what came of the request, unless the connection was refused: then nothing was sent. */
export function lostAnswer(cause: unknown): AttemptFailure {
  const isLate = cause instanceof Error && cause.name === 'TimeoutError'
  return {
    ok: false,
    code: isLate ? 'timeout' : 'unreachable',
    message: isLate ? 'There was no answer in time.' : brokenBy(cause),
    outcome: isRefused(cause) ? 'none' : 'unknown',
    cause,
  }
}

function isRefused(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return ('code' in error && error.code === 'ECONNREFUSED') || isRefused(error.cause)
}

/** `fetch` says that it failed; why, says the error with a code that it holds. */
function brokenBy(error: unknown): string {
  if (!(error instanceof Error)) return 'The connection broke.'
  const code = 'code' in error ? error.code : undefined
  return typeof code === 'string' ? error.message || code : brokenBy(error.cause)
}

function isOutcome(value: unknown): value is Outcome {
  return value === 'none' || value === 'unknown' || value === 'partial'
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}
