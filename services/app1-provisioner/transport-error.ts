// Gives a failed `fetch` its public meaning; it never repeats what the runtime says of it, addresses included.
import { ServiceError } from '#shared/errors.ts'
import { ResponseTooLargeError } from '#shared/text/read-limited.ts'

/** Whom the request went to, for the log's `reason`. */
type Peer = 'app2' | 'token_endpoint'

/**
 * No answer in time is `upstream_timeout`, no answer at all `upstream_unavailable`, and one that is too large or leads
 * elsewhere `upstream_error`. `outcome` is `none` where the failure proves that the request was never seen.
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
  // Only a refused connection proves that the request was never seen.
  return new ServiceError('upstream_unavailable', {
    reason: `${peer}_unreachable`,
    outcome: refused ? 'none' : 'unknown',
  })
}
