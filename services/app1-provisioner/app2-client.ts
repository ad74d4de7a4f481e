// Asks App2 for a user over HTTPS; it never passes on App2's words, only what its codes mean to App1's caller.
import {
  callerRequestIdHeader,
  createdUser,
  problemDocument,
  type CreatedUser,
  type CreateUserRequest,
  type ProblemDocument,
} from '#shared/contract.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import { isErrorCode, ServiceError, type ErrorCode, type FieldError } from '#shared/errors.ts'
import { parseJson } from '#shared/text/parse-json.ts'
import { readLimited } from '#shared/text/read-limited.ts'
import type { Proof, UnprovenRequest } from './machine/machine-identity.ts'
import { toTransportError } from './transport-error.ts'

export type App2Answer = { readonly kind: 'created'; readonly user: CreatedUser } | { readonly kind: 'proof_refused' }

export type App2Client = {
  /**
   * `proof_refused`: App2 does not take App1 for who it is, and nothing was done. Throws ServiceError for all else:
   * the caller's own mistakes and conflicts under App2's code, everything that is between the two services as
   * `upstream_error` (a nonsensical answer), `upstream_unavailable` (no connection, 503) or `upstream_timeout`.
   */
  createUser(request: CreateUserRequest, call: App2Call): Promise<App2Answer>
}

export type App2Call = {
  readonly proof: Proof
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
      const { response, text } = await send(deps.fetch, toUnproven(request, { url, requestId: call.requestId }), call)
      if (response.status === 201) return { kind: 'created', user: readCreated(text, request) }
      if (response.status === call.proof.refusedWith) return { kind: 'proof_refused' }
      throw toError(response, text)
    },
  }
}

function toUnproven(request: CreateUserRequest, { url, requestId }: { url: URL; requestId: string }): UnprovenRequest {
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', [callerRequestIdHeader]: requestId },
    body: Buffer.from(JSON.stringify(request)),
  }
}

async function send(
  fetchFrom: typeof fetch,
  unproven: UnprovenRequest,
  { proof, deadline }: App2Call,
): Promise<{ response: Response; text: string }> {
  const headers = await proof.addTo(unproven)
  try {
    const response = await fetchFrom(unproven.url, {
      method: unproven.method,
      headers,
      body: unproven.body,
      // A redirect would carry the proof and the sealed password to an address that nobody configured.
      redirect: 'error',
      signal: deadline.signal(),
    })
    return { response, text: (await readLimited(response, longestAnswerBytes)).toString('utf8') }
  } catch (error) {
    throw toTransportError(error, 'app2')
  }
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
  // A 401 or 403 comes from before the work, be it the gateway's or App2's own.
  const outcome = response.status === 401 || response.status === 403 ? 'none' : problem?.outcome
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
