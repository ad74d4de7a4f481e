// Asks App2 for a user; it never passes on App2's words, only what its codes mean to App1's caller.
import type { GatedPath } from '#shared/access-rules.ts'
import {
  callerRequestIdHeader,
  createdUser,
  problemDocument,
  type CreatedUser,
  type CreateUserRequest,
  type ProblemDocument,
} from '#shared/contract.ts'
import { isErrorCode, ServiceError, type ErrorCode, type FieldError } from '#shared/errors.ts'
import { parseJson } from '#shared/text/parse-json.ts'
import type { App2Answer, App2Call } from './app2-transport.ts'
import { beforeApp2, type CurrentMachine } from './machine/machine.ts'

export type App2Client = {
  /**
   * The user as App2 made it. Throws ServiceError: the caller's own mistakes and conflicts under App2's code, everything
   * that is between the two services as `upstream_error` (a nonsensical answer, a refused credential),
   * `upstream_unavailable` (no connection, 503) or `upstream_timeout`.
   */
  createUser(user: UserToCreate, call: CreateUserCall): Promise<CreatedUser>
}

export type UserToCreate = Omit<CreateUserRequest, 'encrypted_password'>

export type CreateUserCall = App2Call & {
  readonly machine: CurrentMachine
  /** Called for each attempt, so that no sealed password is sent twice. */
  readonly sealPassword: () => Promise<string>
  /** App1's id of the request, by which the log lines of both apps are found together. */
  readonly requestId: string
}

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

const path = '/admin/create-user' satisfies GatedPath

export function createApp2Client({ baseUrl }: { readonly baseUrl: URL }): App2Client {
  const url = new URL(`${baseUrl.href.replace(/\/$/, '')}${path}`)
  return {
    async createUser(user, call) {
      const makeBody = async (): Promise<Uint8Array> => {
        const request: CreateUserRequest = {
          ...user,
          encrypted_password: await beforeApp2(call, 'seal_ms', call.sealPassword),
        }
        return Buffer.from(JSON.stringify(request))
      }
      const headers = { 'content-type': 'application/json', [callerRequestIdHeader]: call.requestId }
      const answer = await call.machine.send({ url, headers, makeBody }, call)
      if (answer.status === 201) return readCreated(answer, user)
      throw toError(answer)
    },
  }
}

/** App2's answer, if it is about the user that was asked for; App2's own sentence goes no further. */
function readCreated({ body }: App2Answer, asked: UserToCreate): CreatedUser {
  const parsed = createdUser.safeParse(parseJson(body))
  const isOurs = parsed.data?.username === asked.username && parsed.data.provisioning_id === asked.provisioning_id
  if (!parsed.success || !isOurs) throw new ServiceError('upstream_error', { reason: 'app2_malformed_answer' })
  return { ...parsed.data, message: 'Service user created', created_by: asked.human_user_id }
}

function toError({ status, headers, body }: App2Answer): ServiceError {
  const parsed = problemDocument.safeParse(parseJson(body))
  const problem: ProblemDocument | undefined = parsed.success ? parsed.data : undefined
  // A 401 or 403 comes from before the work, be it the gateway's or App2's own.
  const outcome = status === 401 || status === 403 ? 'none' : problem?.outcome
  const shared = { reason: `app2_${status}`, ...(outcome !== undefined && { outcome }) }
  if (status === 429) return new ServiceError('throttled', { ...shared, retryAfterSeconds: retryAfter(headers) })
  const code = problem?.code ?? ''
  if (isErrorCode(code) && passedOn.has(code)) {
    return new ServiceError(code, { ...shared, ...(code === 'weak_password' && { errors: refusedByPool }) })
  }
  switch (status) {
    case 503:
      return new ServiceError('upstream_unavailable', shared)
    case 504:
      return new ServiceError('upstream_timeout', shared)
    default:
      return new ServiceError('upstream_error', shared)
  }
}

function retryAfter(headers: App2Answer['headers']): number {
  const seconds = Number(headers['retry-after'])
  return Number.isFinite(seconds) && seconds >= 1 ? Math.min(seconds, longestRetryAfterSeconds) : 1
}
