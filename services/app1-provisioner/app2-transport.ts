// Carries one request to App2 over HTTPS and brings the answer back; what a failure means publicly is decided here.
import { ServiceError } from '#shared/errors.ts'
import { readLimited, ResponseTooLargeError } from '#shared/text/read-limited.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import type { StepTimer } from '#shared/time/step-timer.ts'

export type App2Request = {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export type App2Answer = { readonly status: number; readonly headers: Headers; readonly text: string }

export type App2Call = { readonly deadline: Deadline; readonly timer: StepTimer }

/** The answer, whatever its status. Throws what `toTransportError` makes of a failure. */
export type SendToApp2 = (request: App2Request, call: App2Call) => Promise<App2Answer>

/** Whom the request went to, for the log's `reason`. */
type Peer = 'app2' | 'token_endpoint'

const longestAnswerBytes = 65_536

export function createApp2Transport(deps: { readonly fetch: typeof fetch }): SendToApp2 {
  return ({ url, headers, body }, { deadline, timer }) =>
    timer.time('app2_ms', async () => {
      try {
        const response = await deps.fetch(url, {
          method: 'POST',
          headers,
          body,
          // A redirect would carry the credential and the sealed password to an address that nobody configured.
          redirect: 'error',
          signal: deadline.signal(),
        })
        const text = (await readLimited(response, longestAnswerBytes)).toString('utf8')
        return { status: response.status, headers: response.headers, text }
      } catch (error) {
        throw toTransportError(error, 'app2')
      }
    })
}

/**
 * What a failed `fetch` means; it never repeats what the runtime says of it, addresses included. No answer in time is
 * `upstream_timeout`, no answer at all `upstream_unavailable`, and one that is too large or leads elsewhere
 * `upstream_error`. `outcome` is `none` where the failure shows that the request was never seen.
 */
export function toTransportError(error: unknown, peer: Peer): ServiceError {
  if (error instanceof ResponseTooLargeError) {
    return new ServiceError('upstream_error', { reason: `${peer}_answer_too_large` })
  }
  if (error instanceof DOMException && (error.name === 'TimeoutError' || error.name === 'AbortError')) {
    return new ServiceError('upstream_timeout', { reason: `${peer}_timeout` })
  }
  const cause: unknown = error instanceof Error ? error.cause : undefined
  if (cause instanceof Error && cause.message === 'unexpected redirect') {
    return new ServiceError('upstream_error', { reason: `${peer}_redirect` })
  }
  const refused = cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED'
  // Only a refused connection shows that the request was never seen.
  return new ServiceError('upstream_unavailable', {
    reason: `${peer}_unreachable`,
    outcome: refused ? 'none' : 'unknown',
  })
}
