// Carries one request to App2 over HTTPS and brings the answer back; what a failure means publicly is decided here.
import { RefusedAnswerError, type Answer, type SendOnce } from '#shared/aws/send-once.ts'
import { problemDocument } from '#shared/contract.ts'
import { ServiceError } from '#shared/errors.ts'
import { parseJson } from '#shared/text/parse-json.ts'
import type { Deadline } from '#shared/time/deadline.ts'
import type { StepTimer } from '#shared/time/step-timer.ts'

export type App2Request = {
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export type App2Answer = Answer

export type App2Call = { readonly deadline: Deadline; readonly timer: StepTimer }

/** The answer, whatever its status. Throws what `toTransportError` makes of a failure. */
export type SendToApp2 = (request: App2Request, call: App2Call) => Promise<App2Answer>

/** Whom the request went to, for the log's `reason`. */
type Peer = 'app2' | 'token_endpoint'

export function createApp2Transport(deps: { readonly send: SendOnce }): SendToApp2 {
  return (request, { deadline, timer }) =>
    timer.time('app2_ms', async () => {
      try {
        return await deps.send({ ...request, signal: deadline.signal() })
      } catch (error) {
        throw toTransportError(error, 'app2')
      }
    })
}

/** The `code` of a problem document; undefined where the answer is none. */
export function codeOf({ body }: Pick<App2Answer, 'body'>): string | undefined {
  return problemDocument.safeParse(parseJson(body)).data?.code
}

/**
 * What a failed request means; it never repeats what the runtime says of it, addresses included. No answer in time is
 * `upstream_timeout`, no answer at all `upstream_unavailable`, and one that is too large or leads elsewhere
 * `upstream_error`. `outcome` is `none` where the failure shows that the request was never seen.
 */
export function toTransportError(error: unknown, peer: Peer): ServiceError {
  if (error instanceof RefusedAnswerError) {
    return new ServiceError('upstream_error', { reason: `${peer}_${error.reason}` })
  }
  if (error instanceof DOMException && (error.name === 'TimeoutError' || error.name === 'AbortError')) {
    return new ServiceError('upstream_timeout', { reason: `${peer}_timeout` })
  }
  const refused = error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED'
  // Only a refused connection shows that the request was never seen.
  return new ServiceError('upstream_unavailable', {
    reason: `${peer}_unreachable`,
    outcome: refused ? 'none' : 'unknown',
  })
}
