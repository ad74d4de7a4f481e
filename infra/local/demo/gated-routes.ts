// App2's gated routes, and what a call of one finds; it knows nothing of the caller.
import * as z from 'zod/mini'
import type { GatedPath } from '#shared/access-rules.ts'
import type { CreateUserRequest } from '#shared/contract.ts'
import type { DeletionRequest } from '#shared/user-contract.ts'

/** One route of each kind of caller, and of the two that the machine may do. */
export const gatedPaths = [
  '/admin/create-user',
  '/admin/users/delete',
  '/sample',
] as const satisfies readonly GatedPath[]

export type ShownPath = (typeof gatedPaths)[number]

export type RouteCall = { readonly url: URL; readonly body: string }

/** `open` when App2's own code answered; else the status with which a gate, or App2's second check, turned it away. */
export type Outcome = 'open' | 401 | 403

/** Well formed, and sealed by nobody: whoever gets as far as App2's code is told 400, and no user is made. */
const unreadable: CreateUserRequest = {
  username: 'demo-nobody',
  encrypted_password: 'latchkey.v1.kms.AAAA',
  human_user_id: 'demo@example.com',
  provisioning_id: `v1.${'A'.repeat(22)}.${'A'.repeat(22)}`,
  requested_by: 'arn:aws:iam::123456789012:role/nobody',
}

const nobody: DeletionRequest = { username: unreadable.username, force: false, requested_by: unreadable.requested_by }

const bodies: Readonly<Record<ShownPath, object>> = {
  '/admin/create-user': unreadable,
  '/admin/users/delete': nobody,
  '/sample': { data: { request_id: 'demo-1', payload: { hello: 'world' } } },
}

/** What App2's own code answers to a call that reaches it. */
const answersInside: Readonly<Record<ShownPath, string>> = {
  '/admin/create-user': '400 password_unreadable',
  '/admin/users/delete': '404 user_not_found',
  '/sample': '200',
}

export function callOf(app2Url: string, path: ShownPath): RouteCall {
  return { url: new URL(`${app2Url}${path}`), body: JSON.stringify(bodies[path]) }
}

/** Rejects for an answer that is neither the code's own nor a refusal. */
export async function send(
  { url, body }: RouteCall,
  path: ShownPath,
  headers: Readonly<Record<string, string>>,
): Promise<Outcome> {
  const { status, code } = await post(url, body, headers)
  if (status === 401 || status === 403) return status
  const answer = code === undefined ? String(status) : `${status} ${code}`
  if (answer === answersInside[path]) return 'open'
  throw new Error(`${path} answered with ${answer}`)
}

export type Answer = {
  readonly status: number
  readonly code: string | undefined
  /** Of a creation whose password was generated. */
  readonly secret_arn?: string | undefined
  /** Of a user that is shown. */
  readonly human_proof?: string | undefined
}

/** `run` resolves with what is wrong, or undefined. */
export type DemoStep = { readonly text: string; readonly run: () => Promise<string | undefined> }

/** What is wrong with an answer, or undefined. */
export function differenceOf(expected: Answer, answer: Answer): string | undefined {
  return answer.status === expected.status && answer.code === expected.code
    ? undefined
    : `expected ${expected.status} ${expected.code ?? ''}, got ${answer.status} ${answer.code ?? ''}`
}

/** Posts JSON; `code` is that of the problem document, if the answer is one. */
export function post(url: URL, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  return request('POST', url, { headers: { 'content-type': 'application/json', ...headers }, body })
}

const members = z.object({
  code: z.optional(z.string()),
  secret_arn: z.optional(z.string()),
  human_proof: z.optional(z.string()),
})

/** As `post`, by any method. */
export async function request(method: string, url: URL, init: RequestInit = {}): Promise<Answer> {
  const response = await fetch(url, { ...init, method, signal: AbortSignal.timeout(30_000) })
  const answer: unknown = await response.json()
  const { code, secret_arn, human_proof } = z.safeParse(members, answer).data ?? {}
  return { status: response.status, code, secret_arn, human_proof }
}
