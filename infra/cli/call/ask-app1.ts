// Sends one creation to App1 and reads what came of it; it repeats nothing by itself.
import * as z from 'zod/mini'
import { createdUser, type CreatedUser } from '#shared/contract.ts'
import { readLimited } from '#shared/client/read-limited.ts'
import type { SecretValue } from '#shared/text/secret-value.ts'
import { safeMessage } from '../reason.ts'
import type { Call } from './config.ts'
import type { RequestToSign } from '#shared/client/sign-request.ts'

export type Result =
  | { readonly kind: 'created'; readonly user: CreatedUser }
  | { readonly kind: 'refused'; readonly status: number; readonly problem: Problem; readonly retryAfter?: string }
  /** Nobody knows what came of the request. */
  | {
      readonly kind: 'no_answer'
      readonly reason: 'timeout' | 'unreachable' | 'unreadable'
      /** Node's words for what broke: a name that is not found, a certificate or a proxy that is refused. */
      readonly error?: string
    }

export type Problem = z.infer<typeof problemSchema>

export type AskDeps = {
  readonly fetch: typeof fetch
  readonly sign: (request: RequestToSign) => Promise<Record<string, string>>
}

/** API Gateway gives App1 30 s. */
const timeoutMs = 35_000

const longestAnswer = 65_536

/** RFC 9457 as App1 has it; `message` is API Gateway's, for what App1 never saw. */
const problemSchema = z.object({
  title: z.optional(z.string()),
  detail: z.optional(z.string()),
  code: z.optional(z.string()),
  message: z.optional(z.string()),
  request_id: z.optional(z.string()),
  outcome: z.optional(z.enum(['none', 'unknown'])),
  errors: z.optional(
    z.array(z.object({ pointer: z.optional(z.string()), header: z.optional(z.string()), detail: z.string() })),
  ),
})

/** Throws what `sign` throws; then nothing was sent. */
export async function askApp1(
  { url, username, humanUserId }: Call,
  { password, idempotencyKey }: { readonly password: SecretValue; readonly idempotencyKey: string },
  deps: AskDeps,
): Promise<Result> {
  const body = JSON.stringify({ username, password: password.expose(), human_user_id: humanUserId })
  const headers = await deps.sign({
    method: 'POST',
    url,
    body,
    headers: { 'content-type': 'application/json', 'idempotency-key': idempotencyKey },
  })
  try {
    const signal = AbortSignal.timeout(timeoutMs)
    const response = await deps.fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' })
    return toResult(response, await readLimited(response, longestAnswer))
  } catch (error) {
    if (error instanceof Error && error.name === 'TimeoutError') return { kind: 'no_answer', reason: 'timeout' }
    const broken = brokenBy(error)
    return { kind: 'no_answer', reason: 'unreachable', ...(broken && { error: safeMessage(broken) }) }
  }
}

function toResult(response: Response, bytes: Buffer): Result {
  const body = parseJson(bytes.toString('utf8'))
  if (response.status === 201) {
    const user = z.safeParse(createdUser, body)
    return user.success ? { kind: 'created', user: user.data } : { kind: 'no_answer', reason: 'unreadable' }
  }
  const problem = z.safeParse(problemSchema, body)
  const retryAfter = response.headers.get('retry-after')
  return {
    kind: 'refused',
    status: response.status,
    problem: problem.success ? problem.data : {},
    ...(retryAfter !== null && { retryAfter }),
  }
}

/** `fetch` says that it failed; why, says the error with a code that it holds. */
function brokenBy(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const code = 'code' in error ? error.code : undefined
  return typeof code === 'string' ? error.message || code : brokenBy(error.cause)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
