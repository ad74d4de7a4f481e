// What Latchkey's log lines may hold: fixed sentences and an allow-list of fields; it never takes an object as it comes.

/** The only fields that a log line may carry. None of them holds a credential, and `human_user_id` is a claim. */
export const allowedFields = [
  'allowed_routes',
  'app2_ms',
  'caller_kind',
  'caller_request_id',
  'client',
  'code',
  'create_ms',
  'error_name',
  'group_ms',
  'human_user_id',
  'open_ms',
  'operation',
  'outcome',
  'password_ms',
  'provisioning_id',
  'reason',
  'request_id',
  'requested_by',
  'route',
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

/**
 * A logger that is told with each line in which request it stands (Lambda's id; absent outside Lambda). To bind one to
 * each request would cost the authorizer more than the rest of its line.
 */
export type RequestLogger = {
  info(message: string, fields?: LogFields, requestId?: string): void
  warn(message: string, fields?: LogFields, requestId?: string): void
  error(message: string, fields?: LogFields, requestId?: string): void
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
 *
 * The line is put together piece by piece: as one object through `JSON.stringify`, with a `Date` for each line, it cost
 * more than the rest of a repeated token's decision.
 */
export function createJsonLogger(options: {
  readonly service: string
  readonly write: (line: string) => void
  readonly now: () => number
}): RequestLogger {
  const service = JSON.stringify(options.service)
  const timestamp = createTimestamps()
  const writeFields = createFieldWriter()
  const at = (level: string) => {
    // Of a fixed sentence, which is mostly the one of the line before.
    let sentence = ''
    let start = ''
    return (message: string, fields: LogFields = {}, requestId?: string): void => {
      if (message !== sentence || start === '') {
        sentence = message
        start = `{"level":"${level}","message":${JSON.stringify(message)},"timestamp":"`
      }
      const request = requestId === undefined ? '' : `,"request_id":${quote(requestId)}`
      options.write(`${start}${timestamp(options.now())}","service":${service}${request}${writeFields(fields)}}`)
    }
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

/** As JSON. An id of Lambda's is its own spelling; to see that takes a fraction of the time of `JSON.stringify`. */
function quote(text: string): string {
  // The types allow no other; for what a cast lets through, `toScalar` decides.
  if (typeof text !== 'string' || text.length > longestValue) return JSON.stringify(toScalar(text) ?? null)
  for (let index = 0; index < text.length; index += 1) {
    if (!isPlain(text.charCodeAt(index))) return JSON.stringify(text)
  }
  return `"${text}"`
}

/** Of printable ASCII, all but `"` and `\`. */
function isPlain(codeUnit: number): boolean {
  return codeUnit >= 0x20 && codeUnit < 0x7f && codeUnit !== 0x22 && codeUnit !== 0x5c
}

/** The allowed fields as the last members of a JSON object. Of a frozen object, which cannot change, they are kept. */
function createFieldWriter(): (fields: LogFields) => string {
  const kept = new WeakMap<LogFields, string>()
  return (fields) => {
    const known = kept.get(fields)
    if (known !== undefined) return known
    let members = ''
    for (const name of Object.keys(fields)) {
      const value = isAllowed(name) ? toScalar(fields[name]) : undefined
      if (value !== undefined) members += `,"${name}":${JSON.stringify(value)}`
    }
    if (Object.isFrozen(fields)) kept.set(fields, members)
    return members
  }
}

/** Epoch milliseconds in ISO 8601; the part down to the second is written once a second. */
function createTimestamps(): (time: number) => string {
  let second = NaN
  let text = ''
  return (time) => {
    const current = Math.floor(time / 1_000)
    if (current !== second) {
      second = current
      text = new Date(second * 1_000).toISOString().slice(0, -'000Z'.length)
    }
    return `${text}${String(Math.floor(time) - second * 1_000).padStart(3, '0')}Z`
  }
}
