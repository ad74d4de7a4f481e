// The log line of a request that was not served; of what was thrown it says our own words and a name, never a message.
import { errorName } from '../aws-errors.ts'
import type { ServiceError } from '../errors.ts'
import type { Logger } from '../logger.ts'

/** A refusal is information; what is our fault, or of those we depend on, is an error. */
export function logFailure(error: ServiceError, logger: Logger): void {
  const fields = {
    code: error.code,
    status: error.status,
    reason: error.reason,
    ...(error.cause !== undefined && { error_name: errorName(error.cause) }),
  }
  if (error.status >= 500) logger.error('request failed', fields)
  else logger.info('request refused', fields)
}
