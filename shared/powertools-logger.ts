// The logger of the functions that have room for Powertools; it never logs an event, a body or an error object.
import { Logger as PowertoolsLogger } from '@aws-lambda-powertools/logger'
import { pickAllowedFields, type Logger } from './logger.ts'

/**
 * Powertools behind our allow-list. The level is fixed, since the audit is among these lines; event logging
 * (`POWERTOOLS_LOGGER_LOG_EVENT`) has no effect, since it works only through decorators that we do not use.
 */
export function createPowertoolsLogger(service: string): Logger {
  const powertools = new PowertoolsLogger({ serviceName: service, logLevel: 'INFO' })
  return {
    info: (message, fields = {}) => {
      powertools.info(message, pickAllowedFields(fields))
    },
    warn: (message, fields = {}) => {
      powertools.warn(message, pickAllowedFields(fields))
    },
    error: (message, fields = {}) => {
      powertools.error(message, pickAllowedFields(fields))
    },
  }
}
