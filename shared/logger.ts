// What Latchkey's log lines may hold: fixed sentences and an allow-list of fields; it never takes an object as it comes.

/** The only fields that a log line may carry. None of them holds a credential; `human_user_id` is a claim unless `human_proof` says more. */
export const allowedFields = [
  'allowed_routes',
  'app2_ms',
  'caller_kind',
  'caller_request_id',
  'client',
  'code',
  'create_ms',
  'directory_ms',
  'error_name',
  'group_ms',
  'human_issuer',
  'human_ms',
  'human_proof',
  'human_sub',
  'human_user_id',
  'human_verified_by',
  'job',
  'open_ms',
  'operation',
  'outcome',
  'password_ms',
  'password_reader',
  'provisioning_id',
  'reason',
  'request_id',
  'requested_by',
  'route',
  'row',
  'seal_ms',
  'secret_ms',
  'secret_version',
  'status',
  'sub',
  'token_ms',
] as const

export type LogField = (typeof allowedFields)[number]
export type LogFields = Readonly<Partial<Record<LogField, string | number | boolean | undefined>>>

/** `message` is a fixed sentence; whatever varies goes into `fields`. */
export type Logger = {
  info(message: string, fields?: LogFields): void
  warn(message: string, fields?: LogFields): void
  error(message: string, fields?: LogFields): void
}

const allowedNames: ReadonlySet<string> = new Set(allowedFields)

const longestValue = 512

/**
 * The allowed fields of `fields`, scalars only, strings cut at 512 characters. The types say the same; this holds
 * also for what a cast or an untyped caller lets through.
 */
export function pickAllowedFields(fields: LogFields): Record<string, string | number | boolean> {
  const picked: Record<string, string | number | boolean> = {}
  for (const name of Object.keys(fields)) {
    const value = isAllowed(name) ? toScalar(fields[name]) : undefined
    if (value !== undefined) picked[name] = value
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
  const { service, write, now } = options
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}): void => {
      const timestamp = new Date(now()).toISOString()
      write(JSON.stringify({ level, message, timestamp, service, ...pickAllowedFields(fields) }))
    }
  return { info: at('INFO'), warn: at('WARN'), error: at('ERROR') }
}

function isAllowed(name: string): name is LogField {
  return allowedNames.has(name)
}

function toScalar(value: unknown): string | number | boolean | undefined {
  if (typeof value === 'string') return value.length > longestValue ? value.slice(0, longestValue) : value
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined
}
