// Gives an AWS SDK failure its public meaning by the exception's name; it never repeats the SDK's message.
import { ServiceError } from '../errors.ts'

const throttlingNames = new Set([
  'TooManyRequestsException',
  'ThrottlingException',
  'Throttling',
  'RequestLimitExceeded',
  'LimitExceededException',
  'ProvisionedThroughputExceededException',
  'RequestThrottled',
])

/** The SDK calls these `TimeoutError` as well, but the connection broke at once: nobody waited for anything. */
const brokenConnectionCodes = new Set(['ECONNRESET', 'EPIPE'])

const timeoutNames = new Set(['TimeoutError', 'AbortError', 'RequestTimeout', 'RequestTimeoutException'])

const ourFaultNames = new Set([
  'AccessDeniedException',
  'UnrecognizedClientException',
  'InvalidSignatureException',
  'ExpiredTokenException',
  'MissingAuthenticationTokenException',
  'CredentialsProviderError',
  'ResourceNotFoundException',
  'QueueDoesNotExist',
  'InvalidParameterException',
  'NotAuthorizedException',
])

/** How long a caller who was throttled is told to wait. Cognito's quotas are per second and refill at once. */
const retryAfterSeconds = 1

/**
 * The failure of an AWS call that has no more particular meaning at the place where it happened: throttling is
 * `throttled`, no answer in time is `upstream_timeout`, no answer at all or a 5xx is `upstream_unavailable`, a
 * permission or a resource that we lack is `internal_error`, and anything unknown is `upstream_error`.
 *
 * `reason` is the exception's name, which AWS defines and which never holds what was sent.
 */
export function mapAwsError(error: unknown): ServiceError {
  if (error instanceof ServiceError) return error
  const name = errorName(error)
  const reason = name
  if (throttlingNames.has(name) || statusOf(error) === 429)
    return new ServiceError('throttled', { reason, retryAfterSeconds })
  if (brokenConnectionCodes.has(socketErrorCode(error) ?? '')) {
    return new ServiceError('upstream_unavailable', { reason: 'connection_broken' })
  }
  if (timeoutNames.has(name)) return new ServiceError('upstream_timeout', { reason })
  if (ourFaultNames.has(name)) return new ServiceError('internal_error', { reason })
  if (isUnreachable(error)) return new ServiceError('upstream_unavailable', { reason })
  return new ServiceError('upstream_error', { reason })
}

/** Throws what `mapAwsError` says: the `catch` of a call whose failure means nothing more particular. */
export function rethrowMapped(error: unknown): never {
  throw mapAwsError(error)
}

/** The name of anything thrown, for a log's `error_name`: a short identifier, never a message. */
export function errorName(error: unknown): string {
  const name = error instanceof Error ? error.name : typeof error
  return /^[\w.#:-]{1,80}$/.test(name) ? name : 'Error'
}

function isUnreachable(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false
  if ('$fault' in error && error.$fault === 'server') return true
  if ((statusOf(error) ?? 0) >= 500) return true
  return socketErrorCode(error) !== undefined
}

/** Node's socket errors carry a `code` such as ECONNREFUSED; a service exception never does, and Node's own are ERR_…. */
function socketErrorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined
  return typeof error.code === 'string' && /^E(?!RR_)[A-Z_]+$/.test(error.code) ? error.code : undefined
}

function statusOf(error: unknown): number | undefined {
  if (
    typeof error !== 'object' ||
    error === null ||
    !('$metadata' in error) ||
    typeof error.$metadata !== 'object' ||
    error.$metadata === null
  ) {
    return undefined
  }
  const metadata = error.$metadata
  return 'httpStatusCode' in metadata && typeof metadata.httpStatusCode === 'number'
    ? metadata.httpStatusCode
    : undefined
}
