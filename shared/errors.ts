// The one table of refusals that Latchkey's services answer with; its sentences never hold input values.

type ErrorRow = { readonly status: number; readonly title: string; readonly detail: string }

/** Codes are part of the wire contract (RFC 9457 extension member `code`): add, never rename. */
export const errorTable = {
  invalid_request: {
    status: 400,
    title: 'Invalid request',
    detail: 'The request does not have the form that this route expects. See errors.',
  },
  weak_password: {
    status: 400,
    title: 'Password refused',
    detail: 'The password does not satisfy the password policy. See errors.',
  },
  password_unreadable: {
    status: 400,
    title: 'Password unreadable',
    detail: 'The encrypted password cannot be opened for this request.',
  },
  unauthorized: {
    status: 401,
    title: 'Unauthorized',
    detail: 'A valid access token is required.',
  },
  human_token_missing: {
    status: 401,
    title: 'Human token missing',
    detail: 'A token of the human behind the request is required in X-Human-Token.',
  },
  human_token_invalid: {
    status: 401,
    title: 'Human token invalid',
    detail: 'The token in X-Human-Token is not one that names a human here, or is expired.',
  },
  forbidden: {
    status: 403,
    title: 'Forbidden',
    detail: 'This caller may not use this route.',
  },
  human_mismatch: {
    status: 403,
    title: 'Human mismatch',
    detail: 'The human_user_id is not the human that the token names.',
  },
  reader_not_allowed: {
    status: 403,
    title: 'Reader not allowed',
    detail: 'The role in deliver_to is not one that generated passwords may be delivered to.',
  },
  not_found: {
    status: 404,
    title: 'Not found',
    detail: 'There is no such route.',
  },
  user_not_found: {
    status: 404,
    title: 'User not found',
    detail: 'There is no service user with this username.',
  },
  job_not_found: {
    status: 404,
    title: 'Job not found',
    detail: 'There is no such job of this caller. A job is kept for 30 days.',
  },
  user_exists: {
    status: 409,
    title: 'User exists',
    detail: 'A user with this username exists already. Nothing was changed.',
  },
  user_enabled: {
    status: 409,
    title: 'User enabled',
    detail: 'The user is enabled. Disable it first, or say force=true.',
  },
  user_incomplete: {
    status: 409,
    title: 'User incomplete',
    detail: 'The user was never finished: it has no password yet. Repeat its creation, or delete it.',
  },
  secret_missing: {
    status: 409,
    title: 'Secret missing',
    detail: 'The secret with the user’s generated password is gone, or about to be deleted.',
  },
  payload_too_large: {
    status: 413,
    title: 'Payload too large',
    detail: 'The request body is larger than this route takes.',
  },
  unsupported_media_type: {
    status: 415,
    title: 'Unsupported media type',
    detail: 'The request body must be sent as application/json, without a Content-Encoding.',
  },
  idempotency_key_reused: {
    status: 422,
    title: 'Idempotency key reused',
    detail: 'This idempotency key was used before with another request.',
  },
  invalid_rows: {
    status: 422,
    title: 'Invalid rows',
    detail: 'Some rows cannot become users. See errors. Nothing was kept.',
  },
  throttled: {
    status: 429,
    title: 'Too many requests',
    detail: 'The request rate is too high at the moment. Try again after the time in Retry-After.',
  },
  partial_provision: {
    status: 500,
    title: 'User incomplete',
    detail:
      'The user exists but is not finished and cannot sign in. A repeat within an hour of its creation finishes it.',
  },
  internal_error: {
    status: 500,
    title: 'Internal error',
    detail: 'Something went wrong on our side. It has been logged under the request_id.',
  },
  upstream_error: {
    status: 502,
    title: 'Upstream error',
    detail: 'A service that this one depends on answered in a way that it should not.',
  },
  not_ready: {
    status: 503,
    title: 'Not ready',
    detail:
      'App1 cannot ask App2 yet: its credentials, or its link to App2 in another account, are not set up. Try again later.',
  },
  sign_in_unavailable: {
    status: 503,
    title: 'Sign-in unavailable',
    detail: 'The provisioner cannot sign in at the moment. An operator has to look at its machine credentials.',
  },
  upstream_unavailable: {
    status: 503,
    title: 'Upstream unavailable',
    detail: 'A service that this one depends on cannot be reached at the moment.',
  },
  upstream_timeout: {
    status: 504,
    title: 'Upstream timeout',
    detail: 'A service that this one depends on did not answer in time.',
  },
} as const satisfies Record<string, ErrorRow>

export type ErrorCode = keyof typeof errorTable

/**
 * One thing wrong with the input, and a fixed sentence: a JSON pointer (RFC 6901) into the body, a header's name, or the name
 * of a parameter of the path or the query.
 */
export type FieldError =
  | { readonly pointer: string; readonly detail: string }
  | { readonly header: string; readonly detail: string }
  | { readonly parameter: string; readonly detail: string }

/**
 * What a failed write left behind: `none` is a promise, `unknown` the absence of one. `partial`: a change of a user has begun
 * (it is disabled and its sessions not ended, say), and a repeat finishes it.
 */
export type Outcome = 'none' | 'unknown' | 'partial'

type ServiceErrorOptions = {
  /** For the log only: a fixed word of ours that tells apart what the public code does not. */
  readonly reason?: string
  readonly errors?: readonly FieldError[]
  readonly retryAfterSeconds?: number
  readonly outcome?: Outcome
  /** An attempt before the one that failed so was given up: it may still take effect. */
  readonly unsettled?: boolean
  readonly cause?: unknown
}

/** A failure with a public meaning. `message` is the table's sentence; `cause` and `reason` never reach the wire. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError'
  readonly code: ErrorCode
  readonly status: number
  readonly reason: string | undefined
  readonly errors: readonly FieldError[] | undefined
  readonly retryAfterSeconds: number | undefined
  readonly outcome: Outcome | undefined
  readonly unsettled: boolean

  constructor(code: ErrorCode, options: ServiceErrorOptions = {}) {
    super(errorTable[code].detail, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.status = errorTable[code].status
    this.reason = options.reason
    this.errors = options.errors
    this.retryAfterSeconds = options.retryAfterSeconds
    this.outcome = options.outcome
    this.unsettled = options.unsettled ?? false
  }

  /** The same failure, with what its place in the story proves about the outcome. */
  withOutcome(outcome: Outcome): ServiceError {
    return this.with({ outcome })
  }

  with(changes: Pick<ServiceErrorOptions, 'outcome' | 'unsettled'>): ServiceError {
    return new ServiceError(this.code, {
      ...(this.reason !== undefined && { reason: this.reason }),
      ...(this.errors !== undefined && { errors: this.errors }),
      ...(this.retryAfterSeconds !== undefined && { retryAfterSeconds: this.retryAfterSeconds }),
      ...(this.cause !== undefined && { cause: this.cause }),
      ...(this.outcome !== undefined && { outcome: this.outcome }),
      unsettled: this.unsettled,
      ...changes,
    })
  }
}

/** Throws `error` on, with `outcome: none`: nothing has been done by then. */
export function rethrowUndone(error: unknown): never {
  throw error instanceof ServiceError ? error.withOutcome('none') : error
}

/** Whether `text` is a code of the table; for codes that arrive over the wire. */
export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorTable, text)
}

/** `error` itself when it has a public meaning, else `internal_error` with it as cause. */
export function toServiceError(error: unknown): ServiceError {
  return error instanceof ServiceError ? error : new ServiceError('internal_error', { cause: error })
}
