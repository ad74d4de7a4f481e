// A failed request as its caller and the log see it: an RFC 9457 problem document and one line. Neither ever shows input,
// a cause or a foreign message.
import { errorName } from '../aws/aws-errors.ts'
import { errorTable, type ErrorCode, type FieldError, type Outcome, type ServiceError } from '../errors.ts'
import type { LogFields, Logger } from '../logger.ts'

export type Problem = {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: ErrorCode
  readonly request_id: string
  readonly errors?: readonly FieldError[]
  readonly idempotency_key?: string
  readonly outcome?: Outcome
}

/** What a failed write tells its caller beyond the error, so that the same request can be repeated safely. */
export type WriteContext = { readonly idempotencyKey?: string }

/**
 * The document for `error`. With `write`, a 429 or 5xx also says what became of it: what the error
 * knows, else `unknown`.
 */
export function toProblem(error: ServiceError, requestId: string, write?: WriteContext): Problem {
  const { status, title, detail } = errorTable[error.code]
  return {
    type: `urn:latchkey:error:${error.code}`,
    title,
    status,
    detail,
    code: error.code,
    request_id: requestId,
    ...(error.errors && { errors: error.errors }),
    ...(write && leavesOutcomeOpen(status) && describeWrite(error, write)),
  }
}

/**
 * The HTTP answer for `error`, with `WWW-Authenticate` (RFC 6750, section 3), `Retry-After`, and after a content coding
 * `Accept-Encoding` (RFC 9110, section 15.5.16) where they belong.
 */
export function problemResponse(error: ServiceError, requestId: string, write?: WriteContext): Response {
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' })
  if (error.status === 401) headers.set('www-authenticate', 'Bearer realm="latchkey"')
  if (error.errors?.some((field) => 'header' in field && field.header === 'content-encoding')) {
    headers.set('accept-encoding', 'identity')
  }
  if (error.retryAfterSeconds !== undefined) headers.set('retry-after', String(Math.ceil(error.retryAfterSeconds)))
  return new Response(JSON.stringify(toProblem(error, requestId, write)), { status: error.status, headers })
}

/**
 * A refusal is information; what is our fault, or of those we depend on, is an error. `steps` are the durations of those
 * that were begun: the last of them is the one that failed, by which the failures of KMS are told from Cognito's.
 */
export function logFailure(error: ServiceError, logger: Logger, steps: LogFields = {}): void {
  const fields = {
    ...steps,
    code: error.code,
    status: error.status,
    reason: error.reason,
    ...(error.cause !== undefined && { error_name: errorName(error.cause) }),
  }
  if (error.status >= 500) logger.error('request failed', fields)
  else logger.info('request refused', fields)
}

function leavesOutcomeOpen(status: number): boolean {
  return status === 429 || status >= 500
}

function describeWrite(error: ServiceError, write: WriteContext): Pick<Problem, 'idempotency_key' | 'outcome'> {
  // A time-out never shows that nothing was done, whatever an inner layer believed.
  const outcome = error.status === 504 && error.outcome !== 'partial' ? 'unknown' : (error.outcome ?? 'unknown')
  return { ...(write.idempotencyKey !== undefined && { idempotency_key: write.idempotencyKey }), outcome }
}
