// Evaluates CloudWatch's filter patterns for JSON log events, as far as infra/deploy/log-metrics.ts uses them; it refuses all else.

export type LogEvent = Readonly<Record<string, unknown>>

export type LogFilter =
  | { readonly kind: 'any' | 'all'; readonly parts: readonly LogFilter[] }
  | { readonly kind: 'comparison'; readonly field: string; readonly test: (value: unknown) => boolean }

/**
 * A pattern `{ … }` of comparisons joined by `&&`, `||` and parentheses. A comparison is `= "text"` or `!= "text"`, in
 * which `*` stands for any characters, `= *` (the field is there), `>= number`, or `NOT EXISTS`. Throws for anything else.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function parseLogFilter(pattern: string): LogFilter {
  const inside = /^\{ (.+) \}$/.exec(pattern)?.[1]
  if (inside === undefined) throw new Error(`not a pattern for JSON: ${pattern}`)
  if (inside.replaceAll(tokenForm, '').trim() !== '') throw new Error(`not understood: ${pattern}`)
  const reader = { tokens: inside.match(tokenForm) ?? [], at: 0 }
  const filter = readAny(reader)
  if (reader.at !== reader.tokens.length) throw new Error(`more than one condition: ${pattern}`)
  return filter
}

export function matchesLogFilter(filter: LogFilter, event: LogEvent): boolean {
  switch (filter.kind) {
    case 'any':
      return filter.parts.some((part) => matchesLogFilter(part, event))
    case 'all':
      return filter.parts.every((part) => matchesLogFilter(part, event))
    case 'comparison':
      return filter.test(event[filter.field])
  }
}

/** Each way in which the filter can match, as a filter of its own without `||`. */
export function alternatives(filter: LogFilter): readonly LogFilter[] {
  if (filter.kind === 'comparison') return [filter]
  const parts = filter.parts.map(alternatives)
  if (filter.kind === 'any') return parts.flat()
  return parts
    .reduce<readonly (readonly LogFilter[])[]>(
      (ways, next) => ways.flatMap((way) => next.map((one) => [...way, one])),
      [[]],
    )
    .map((way) => ({ kind: 'all', parts: way }))
}

/** The fields that the filter looks at. */
export function fieldsOf(filter: LogFilter): readonly string[] {
  return filter.kind === 'comparison' ? [filter.field] : filter.parts.flatMap(fieldsOf)
}

type Reader = { readonly tokens: readonly string[]; at: number }

const tokenForm = /\(|\)|&&|\|\||\$\.\w+|!=|>=|=|NOT EXISTS|"[^"]*"|\d+|\*/g

function readAny(reader: Reader): LogFilter {
  return readJoined(reader, '||', 'any', () => readJoined(reader, '&&', 'all', () => readCondition(reader)))
}

function readJoined(reader: Reader, sign: string, kind: 'any' | 'all', readPart: () => LogFilter): LogFilter {
  const first = readPart()
  const parts = [first]
  while (reader.tokens[reader.at] === sign) {
    reader.at += 1
    parts.push(readPart())
  }
  return parts.length === 1 ? first : { kind, parts }
}

function readCondition(reader: Reader): LogFilter {
  const token = next(reader)
  if (token === '(') {
    const inner = readAny(reader)
    if (next(reader) !== ')') throw new Error('a parenthesis is not closed')
    return inner
  }
  if (!token.startsWith('$.')) throw new Error(`not a field: ${token}`)
  const field = token.slice('$.'.length)
  const operator = next(reader)
  if (operator === 'NOT EXISTS') return { kind: 'comparison', field, test: (value) => value === undefined }
  return { kind: 'comparison', field, test: compare(operator, next(reader)) }
}

function compare(operator: string, operand: string): (value: unknown) => boolean {
  if (operator === '=' && operand === '*') return (value) => value !== undefined
  if (operator === '>=' && /^\d+$/.test(operand))
    return (value) => typeof value === 'number' && value >= Number(operand)
  if (!operand.startsWith('"')) throw new Error(`not a comparison: ${operator} ${operand}`)
  const form = new RegExp(`^${operand.slice(1, -1).split('*').map(escapeForm).join('.*')}$`, 's')
  const equals = (value: unknown): boolean => typeof value === 'string' && form.test(value)
  if (operator === '=') return equals
  if (operator === '!=') return (value) => typeof value === 'string' && !equals(value)
  throw new Error(`not a comparison: ${operator} ${operand}`)
}

function next(reader: Reader): string {
  const token = reader.tokens[reader.at]
  if (token === undefined) throw new Error('the pattern ends too early')
  reader.at += 1
  return token
}

function escapeForm(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}
