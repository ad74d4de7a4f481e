// What Latchkey's log lines may hold: fixed sentences and an allow-list of fields; it never takes an object as it comes.

/** The only fields that a log line may carry. None of them holds a credential, and `human_user_id` is a claim. */
export const allowedFields = [
  'account_action',
  'allowed_routes',
  'attempt',
  'client',
  'code',
  'duration_ms',
  'error_name',
  'human_user_id',
  'operation',
  'outcome',
  'provisioning_id',
  'reason',
  'request_id',
  'requested_by',
  'route',
  'secret_version',
  'status',
  'sub',
  'upstream_request_id',
] as const

export type LogField = (typeof allowedFields)[number]
export type LogFields = Readonly<Partial<Record<LogField, string | number | boolean | undefined>>>

/** `message` is a fixed sentence; whatever varies goes into `fields`. */
export type Logger = {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

const longestValue = 512

/**
 * The allowed fields of `fields`, scalars only, strings cut at 512 characters. The types say the same; this holds
 * also for what a cast or an untyped caller lets through.
 */
export function pickAllowedFields(fields: LogFields): Record<string, string | number | boolean> {
  const picked: Record<string, string | number | boolean> = {}
  for (const field of allowedFields) {
    const value: unknown = fields[field]
    if (typeof value === 'string') picked[field] = value.slice(0, longestValue)
    else if (typeof value === 'number' || typeof value === 'boolean') picked[field] = value
  }
  return picked
}

/** A logger that adds `bound` to each line. */
export function bindFields(logger: Logger, bound: LogFields): Logger {
  return {
    info: (message, fields) => {
      logger.info(message, { ...bound, ...fields })
    },
    warn: (message, fields) => {
      logger.warn(message, { ...bound, ...fields })
    },
    error: (message, fields) => {
      logger.error(message, { ...bound, ...fields })
    },
  }
}

/**
 * One JSON object a line through `write`, with the same names that Powertools uses. For the authorizer, whose bundle
 * has no room for Powertools: it is loaded on every cold start in front of every other function.
 */
export function createJsonLogger(options: {
  readonly service: string
  readonly write: (line: string) => void
  readonly now: () => number
}): Logger {
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      const timestamp = new Date(options.now()).toISOString()
      options.write(
        JSON.stringify({ level, message, timestamp, service: options.service, ...pickAllowedFields(fields) }),
      )
    }
  return { info: at('INFO'), warn: at('WARN'), error: at('ERROR') }
}
