// Asks App2 for a user over HTTPS; it never passes on App2's words, only what its codes mean to App1's caller.
import {
  callerRequestIdHeader,
  createdUser,
  problemDocument,
  type CreatedUser,
  type CreateUserRequest,
  type ProblemDocument,
} from '../../shared/contract.ts'
import type { Deadline } from '../../shared/deadline.ts'
import { isErrorCode, ServiceError, type ErrorCode, type FieldError } from '../../shared/errors.ts'
import { readLimited, ResponseTooLargeError } from '../../shared/read-limited.ts'
import { parseJson } from '../../shared/parse-json.ts'
import type { SecretValue } from '../../shared/secret-value.ts'

export type App2Answer = { readonly kind: 'created'; readonly user: CreatedUser } | { readonly kind: 'token_refused' }

export type App2Client = {
  /**
   * `token_refused` is App2's 401: nothing was done and another token may help. Throws ServiceError for all else:
   * the caller's own mistakes and conflicts under App2's code, everything that is between the two services as
   * `upstream_error` (a nonsensical answer), `upstream_unavailable` (no connection, 503) or `upstream_timeout`.
   */
  createUser(request: CreateUserRequest, call: App2Call): Promise<App2Answer>
}

export type App2Call = {
  readonly token: SecretValue
  readonly deadline: Deadline
  /** App1's id of the request, by which the log lines of both apps are found together. */
  readonly requestId: string
}

type App2ClientDeps = { readonly fetch: typeof fetch; readonly baseUrl: URL }

const longestAnswerBytes = 65_536
const longestRetryAfterSeconds = 60

/** App1 has checked the same rules before: what App2 adds is the pool's own word. */
const refusedByPool: readonly FieldError[] = [{ pointer: '/password', detail: 'is refused by the user pool' }]

/** App2's codes that mean the same to App1's caller. Any other refusal is a fault between the two services. */
const passedOn = new Set<ErrorCode>([
  'weak_password',
  'user_exists',
  'idempotency_key_reused',
  'throttled',
  'partial_provision',
  'upstream_unavailable',
  'upstream_timeout',
])

export function createApp2Client(deps: App2ClientDeps): App2Client {
  const url = new URL(`${deps.baseUrl.href.replace(/\/$/, '')}/admin/create-user`)
  return {
    async createUser(request, call) {
      const { response, text } = await send(deps.fetch, url, request, call)
      if (response.status === 201) return { kind: 'created', user: readCreated(text, request) }
      if (response.status === 401) return { kind: 'token_refused' }
      throw toError(response, text)
    },
  }
}

async function send(
  fetchFrom: typeof fetch,
  url: URL,
  request: CreateUserRequest,
  { token, deadline, requestId }: App2Call,
): Promise<{ response: Response; text: string }> {
  try {
    const response = await fetchFrom(url, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token.expose()}`,
        'content-type': 'application/json',
        [callerRequestIdHeader]: requestId,
      },
      body: JSON.stringify(request),
      // A redirect would carry the token and the sealed password to an address that nobody configured.
      redirect: 'error',
      signal: deadline.signal(),
    })
    return { response, text: (await readLimited(response, longestAnswerBytes)).toString('utf8') }
  } catch (error) {
    throw toTransportError(error)
  }
}

function toTransportError(error: unknown): ServiceError {
  if (error instanceof ResponseTooLargeError)
    return new ServiceError('upstream_error', { reason: 'app2_answer_too_large' })
  if (error instanceof DOMException && (error.name === 'TimeoutError' || error.name === 'AbortError')) {
    return new ServiceError('upstream_timeout', { reason: 'app2_timeout' })
  }
  const cause: unknown = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error && cause.message === 'unexpected redirect') {
    return new ServiceError('upstream_error', { reason: 'app2_redirect' })
  }
  const refused = cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED'
  // Only a refused connection proves that the request was never seen.
  return new ServiceError('upstream_unavailable', {
    reason: 'app2_unreachable',
    outcome: refused ? 'none' : 'unknown',
  })
}

/** App2's answer, if it is about the user that was asked for; App2's own sentence goes no further. */
function readCreated(text: string, asked: CreateUserRequest): CreatedUser {
  const parsed = createdUser.safeParse(parseJson(text))
  const isOurs = parsed.data?.username === asked.username && parsed.data.provisioning_id === asked.provisioning_id
  if (!parsed.success || !isOurs) throw new ServiceError('upstream_error', { reason: 'app2_malformed_answer' })
  return { ...parsed.data, message: 'Service user created', created_by: asked.human_user_id }
}

function toError(response: Response, text: string): ServiceError {
  const parsed = problemDocument.safeParse(parseJson(text))
  const problem: ProblemDocument | undefined = parsed.success ? parsed.data : undefined
  const outcome = problem?.outcome
  const shared = { reason: `app2_${response.status}`, ...(outcome !== undefined && { outcome }) }
  if (response.status === 429)
    return new ServiceError('throttled', { ...shared, retryAfterSeconds: retryAfter(response) })
  const code = problem?.code ?? ''
  if (isErrorCode(code) && passedOn.has(code)) {
    return new ServiceError(code, { ...shared, ...(code === 'weak_password' && { errors: refusedByPool }) })
  }
  switch (response.status) {
    case 503:
      return new ServiceError('upstream_unavailable', shared)
    case 504:
      return new ServiceError('upstream_timeout', shared)
    default:
      return new ServiceError('upstream_error', shared)
  }
}

function retryAfter(response: Response): number {
  const seconds = Number(response.headers.get('retry-after'))
  return Number.isFinite(seconds) && seconds >= 1 ? Math.min(seconds, longestRetryAfterSeconds) : 1
}
