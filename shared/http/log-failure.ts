// The log line of a request that was not served; of what was thrown it says our own words and a name, never a message.
import { errorName } from '../aws/aws-errors.ts'
import type { ServiceError } from '../errors.ts'
import type { LogFields, Logger } from '../logger.ts'

/**
 * A refusal is information; what is our fault, or of those we depend on, is an error. `steps` are the durations of those
 * that were begun: the last of them is the one that failed, by which the failures of KMS are told from Cognito's.
 */
export function logFailure(error: ServiceError, logger: Logger, steps: LogFields = {}): void {
  const fields = {
    ...steps,
    code: error.code,
    status: error.status,
    reason: error.reason,
    ...(error.cause !== undefined && { error_name: errorName(error.cause) }),
  }
  if (error.status >= 500) logger.error('request failed', fields)
  else logger.info('request refused', fields)
}
