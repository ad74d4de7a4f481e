// Asks App2, by its routes; it never passes on App2's words, only what its codes mean to App1's caller.
import * as z from 'zod/mini'
import { accessRules, type Scope } from '#shared/access-rules.ts'
import { callerRequestIdHeader, humanTokenHeader, problemDocument, type ProblemDocument } from '#shared/contract.ts'
import { isErrorCode, ServiceError, type ErrorCode, type FieldError } from '#shared/errors.ts'
import type { AnswerSchema, BodySchema } from '#shared/http/routed-app.ts'
import { parseJson } from '#shared/text/parse-json.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import type { App2Answer, App2Call } from './app2-transport.ts'
import type { CurrentMachine } from './machine/machine.ts'

export type App2Client = {
  /**
   * App2's answer to `POST path`, as `answer` describes it. Throws ServiceError: the caller's own mistakes and conflicts under
   * App2's code, everything that is between the two services as `upstream_error` (a nonsensical answer, one about
   * another user, a refused credential), `upstream_unavailable` (no connection, 503) or `upstream_timeout`.
   */
  ask<P extends App2Path, Schema extends z.ZodMiniType>(
    path: P,
    question: Question<P, Schema>,
    call: AskCall,
  ): Promise<z.output<Schema>>
}

/** The routes that App1 may call. */
type App2Path = PrincipalRow['path']
type Row = (typeof accessRules)[number]
type PrincipalRow = Extract<Row, { readonly access: { readonly principal: string } }>

type Question<P extends App2Path, Schema> = {
  /** Called for each attempt, so that no sealed password is sent twice. A failure of it left nothing behind. */
  readonly makeBody: () => Promise<z.input<BodySchema<P>>>
  /** Passed on as it came. */
  readonly humanToken?: SecretValue | undefined
  /** Of the answer that is none of these refusals; 200 if absent. */
  readonly status?: 200 | 201
  readonly answer: Schema & AnswerSchema<P>
  /** Whether the answer is about what was asked. */
  readonly isAsked: (answer: z.output<Schema>) => boolean
  /** Of a creation, see `UnauthenticatedRequest`. */
  readonly provisioningId?: string
  /** What is told of the fields, where App2 says one of these codes: its own sentences go no further. */
  readonly errors?: Partial<Record<ErrorCode, readonly FieldError[]>>
}

export type AskCall = App2Call & {
  readonly machine: CurrentMachine
  /** App1's id of the request, by which the log lines of both apps are found together. */
  readonly requestId: string
}

const longestRetryAfterSeconds = 60

/** App2's codes that mean the same to App1's caller. Any other refusal is a fault between the two services. */
const passedOn = new Set<ErrorCode>([
  'weak_password',
  'human_token_missing',
  'human_token_invalid',
  'human_mismatch',
  'reader_not_allowed',
  'secret_missing',
  'user_not_found',
  'user_exists',
  'user_enabled',
  'user_incomplete',
  'idempotency_key_reused',
  'throttled',
  'partial_provision',
  'upstream_unavailable',
  'upstream_timeout',
])

/** App1 has checked the same rules before: what App2 adds is the pool's own word. */
export const refusedByPool: readonly FieldError[] = [{ pointer: '/password', detail: 'is refused by the user pool' }]

export function createApp2Client({ baseUrl }: { readonly baseUrl: URL }): App2Client {
  const base = baseUrl.href.replace(/\/$/, '')
  return {
    async ask<P extends App2Path, Schema extends z.ZodMiniType>(
      path: P,
      { makeBody, humanToken, status = 200, answer: schema, isAsked, provisioningId, errors = {} }: Question<P, Schema>,
      call: AskCall,
    ) {
      const answer = await call.machine.send(
        {
          url: new URL(`${base}${path}`),
          scope: scopeOf(path),
          provisioningId,
          headers: {
            'content-type': 'application/json',
            [callerRequestIdHeader]: call.requestId,
            ...(humanToken && { [humanTokenHeader]: humanToken.expose() }),
          },
          makeBody: async () => Buffer.from(JSON.stringify(await makeBody())),
        },
        call,
      )
      if (answer.status !== status) throw toError(answer, errors)
      const parsed = z.safeParse<Schema>(schema, parseJson(answer.body))
      if (!parsed.success || !isAsked(parsed.data))
        throw new ServiceError('upstream_error', { reason: 'app2_malformed_answer' })
      return parsed.data
    },
  }
}

function scopeOf(path: App2Path): Scope {
  const rows: readonly Row[] = accessRules
  const row = rows.find((candidate): candidate is PrincipalRow => candidate.path === path)
  if (row === undefined) throw new ServiceError('internal_error', { reason: 'access_table' })
  return row.access.scope
}

function toError(
  { status, headers, body }: App2Answer,
  errors: Question<App2Path, unknown>['errors'] = {},
): ServiceError {
  const parsed = problemDocument.safeParse(parseJson(body))
  const problem: ProblemDocument | undefined = parsed.success ? parsed.data : undefined
  // A 401 or 403 comes from before the work, be it the gateway's or App2's own.
  const outcome = status === 401 || status === 403 ? 'none' : problem?.outcome
  const shared = {
    reason: `app2_${status}`,
    ...(outcome !== undefined && { outcome }),
    ...((status === 429 || headers['retry-after'] !== undefined) && { retryAfterSeconds: retryAfter(headers) }),
  }
  if (status === 429) return new ServiceError('throttled', shared)
  const code = problem?.code ?? ''
  if (isErrorCode(code) && (passedOn.has(code) || errors[code] !== undefined)) {
    return new ServiceError(code, { ...shared, ...(errors[code] !== undefined && { errors: errors[code] }) })
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
