// The HTTP client on which App1's generated operations stand: it signs each attempt anew, and repeats by the rule of
// repeat.ts.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  lostAnswer,
  readAnswer,
  type Answer,
  type AttemptFailure,
  type Failure,
  type Outcome,
  type Success,
} from './answer.ts'
import { outcomeOf, waitBeforeRepeat, type Operation } from './repeat.ts'
import { signRequest, type Signing } from './sign-request.ts'

export type LatchkeyClientOptions = Signing & {
  /** App1's endpoint, as the stack's output `App1Url` has it; https, or http on this machine. */
  readonly url: string | URL
  /** All attempts and waits of a request together; a wait that would pass it is not begun. */
  readonly totalMs?: number
  /** Told before each wait. */
  readonly onWait?: (wait: { readonly waitMs: number; readonly failure: AttemptFailure }) => void
}

export type ClientDeps = {
  readonly fetch: typeof fetch
  readonly now: () => number
  readonly random: () => number
  readonly sleep: (ms: number) => Promise<unknown>
  readonly newIdempotencyKey: () => string
}

/** There were no credentials to sign with, so nothing was sent; `cause` says why. */
export class NotSignedError extends Error {
  override readonly name = 'NotSignedError'
}

/** API Gateway gives App1 30 s. */
const attemptMs = 35_000

/** Throws TypeError for an address that is none of App1's. */
export function createLatchkeyClient(options: LatchkeyClientOptions, deps: ClientDeps = realDeps): Client {
  const baseUrl = readBaseUrl(options.url)
  const as =
    (method: string): Send =>
    async (request) => {
      const answer = await sendRepeatedly(toRequest(method, baseUrl, request, deps), options, deps)
      // The document's word is taken for the form of an answer.
      return answer as never
    }
  return { get: as('GET'), post: as('POST'), put: as('PUT'), delete: as('DELETE') }
}

const realDeps: ClientDeps = { fetch, now: Date.now, random: Math.random, sleep, newIdempotencyKey: randomUUID }

/** Without the slash at its end. Throws TypeError for what is not https with a path at most, or http on this machine. */
export function readBaseUrl(text: string | URL): URL {
  const url = URL.parse(String(text))
  if (url === null) throw new TypeError('is no address: it begins with https://.')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new TypeError('is an address with a path at most: no user, no query, no fragment.')
  }
  const isLoopback = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
    throw new TypeError('must be https: a request can hold a password.')
  }
  // A slash too many is no other route, and API Gateway would answer it with 404.
  url.pathname = url.pathname.replace(/\/{2,}/g, '/').replace(/\/$/, '')
  return url
}

type ToSend = Operation & {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

/** Of the operations that take a key; a dry run goes under one too, and is that of the request under it. */
const keyedPaths = ['/create-service-user', '/jobs']

function toRequest(method: string, baseUrl: URL, { url: path, ...given }: OperationRequest, deps: ClientDeps): ToSend {
  const query = Object.entries({ ...given.query }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  )
  const url = new URL(baseUrl)
  url.pathname += fillIn(path, { ...given.path }).slice(baseUrl.pathname === '/' ? 1 : 0)
  url.search = query.join('&')
  const headers = Object.entries({ ...given.headers }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name.toLowerCase(), value] as const],
  )
  const key = keyedPaths.includes(path) ? { 'idempotency-key': deps.newIdempotencyKey() } : {}
  const all: Record<string, string> = { ...key, ...Object.fromEntries(headers) }
  return {
    method,
    path,
    query: url.searchParams,
    idempotencyKey: all['idempotency-key'],
    url,
    headers: all,
    body: given.body === undefined ? undefined : JSON.stringify(given.body),
  }
}

/** Throws TypeError for a part that would make the path another route's: every URL parser takes `..` away. */
function fillIn(path: string, parts: Readonly<Record<string, string>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const part = parts[name] ?? ''
    if (/^\.{0,2}$/.test(part)) throw new TypeError(`${name} must not be empty, "." or "..".`)
    return encodeURIComponent(part)
  })
}

async function sendRepeatedly(request: ToSend, options: LatchkeyClientOptions, deps: ClientDeps): Promise<Answer> {
  const { credentials, region, totalMs = 60_000, onWait } = options
  const endsAt = deps.now() + totalMs
  const outcomes: Outcome[] = []
  let last: AttemptFailure | undefined
  for (let attempts = 1; ; attempts += 1) {
    const answer = await attempt(request, { credentials, region, timeoutMs: endsAt - deps.now() }, deps).catch(
      (error: unknown) => {
        // Credentials that ended meanwhile: something was sent before.
        if (last !== undefined) return last
        throw error
      },
    )
    if (answer.ok) return { ...answer, attempts }
    last = answer
    outcomes.push(answer.outcome)
    const waitMs = waitBeforeRepeat(request, answer, { attempts, random: deps.random })
    if (waitMs === undefined || deps.now() + waitMs >= endsAt) {
      const { idempotencyKey } = request
      return { ...answer, outcome: outcomeOf(outcomes), attempts, ...(idempotencyKey && { idempotencyKey }) }
    }
    onWait?.({ waitMs, failure: answer })
    await deps.sleep(waitMs)
  }
}

/** Signed anew: a signature is good for five minutes. */
async function attempt(
  { method, url, headers, body }: ToSend,
  { timeoutMs, ...signing }: Signing & { readonly timeoutMs: number },
  deps: ClientDeps,
): ReturnType<typeof readAnswer> {
  const signed = await signRequest({ method, url, headers, body }, { ...signing, now: deps.now }).catch(
    (cause: unknown) => {
      throw new NotSignedError('The request could not be signed.', { cause })
    },
  )
  try {
    const signal = AbortSignal.timeout(Math.max(1, Math.min(attemptMs, timeoutMs)))
    // A redirect is no answer of App1's.
    const init = { method, headers: signed, body: body ?? null, redirect: 'error', signal } as const
    return await readAnswer(await deps.fetch(url, init))
  } catch (cause) {
    return lostAnswer(cause)
  }
}

// What the generated operations are written against: the names are the generator's.

export type Client = Readonly<Record<'get' | 'post' | 'put' | 'delete', Send>>

type Send = <Responses, Errors, _ThrowOnError extends boolean = false>(
  request: OperationRequest,
) => RequestResult<Responses, Errors, _ThrowOnError>

type OperationRequest = {
  readonly url: string
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined
  readonly path?: Readonly<Record<string, string>> | undefined
  readonly query?: Readonly<Record<string, string | undefined>> | undefined
  readonly body?: unknown
}

export type TDataShape = OperationRequest

export type ClientMeta = object

export type Options<Data extends TDataShape, _ThrowOnError extends boolean, _Response> = Omit<Data, 'url'> &
  Pick<TDataShape, 'headers'>

/** Never rejects but with NotSignedError, and TypeError for a path that cannot be. */
export type RequestResult<Responses, Errors, _ThrowOnError extends boolean> = Promise<
  SuccessOf<Responses> | Failure<CodeOf<Errors[keyof Errors]>>
>

/** By its status. */
type SuccessOf<Responses> = {
  [Status in keyof Responses & number]: Success<Responses[Status], Status>
}[keyof Responses & number]

type CodeOf<Document> = Document extends { readonly code: infer Code extends string } ? Code : never
