// What App1 answered to its caller, and how to ask it.
import * as z from 'zod/mini'
import { sampleResponse } from '#shared/contract.ts'

export type Answer = {
  readonly status: number
  readonly retryAfter: string | null
  readonly text: string
  readonly headers: string
  readonly body: unknown
}

export type App1Request = {
  readonly method: string
  readonly path: string
  readonly body?: object
  readonly headers?: Readonly<Record<string, string>>
}

/** Longer than any case lets App1 take. */
const patienceMs = 20_000

export async function askApp1(url: string, { method, path, body, headers }: App1Request): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body && { 'content-type': 'application/json' }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(patienceMs),
  })
  const text = await response.text()
  return {
    status: response.status,
    retryAfter: response.headers.get('retry-after'),
    text,
    headers: JSON.stringify([...response.headers]),
    body: parse(text),
  }
}

const problem = z.object({
  status: z.number(),
  code: z.string(),
  idempotency_key: z.optional(z.string()),
  outcome: z.optional(z.string()),
})

export type Problem = z.infer<typeof problem>

/** The problem document in `answer`, if it is one. */
export function problemOf({ body }: Answer): Problem | undefined {
  const parsed = problem.safeParse(body)
  return parsed.success ? parsed.data : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whom App2's sample route says that it has served; undefined when it refuses. */
export async function askSample(app2Url: string, accessToken: string): Promise<string | undefined> {
  const response = await fetch(`${app2Url}/sample`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${accessToken}` },
    body: JSON.stringify({ data: { request_id: 'r', payload: 1 } }),
    signal: AbortSignal.timeout(patienceMs),
  })
  const served = sampleResponse.safeParse(parse(await response.text()))
  return served.success ? served.data.processed_by : undefined
}
