// Reads the users of a CSV file (RFC 4180) and checks every row as App1 will; it repeats no value of the file.
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { CsvError, parse } from 'csv-parse'
import { createServiceUserRequest, parseRequest } from '#shared/contract.ts'
import { ServiceError } from '#shared/errors.ts'
import { passwordProblems } from '#shared/password-policy.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { UsageError } from '../command-line.ts'
import { humanTokenVariable } from '../human-token.ts'

export type BulkRow = {
  /** On which the row begins, from 1. */
  readonly line: number
  readonly username: string
  /** Undefined where the file does not name the human, and a token does. */
  readonly humanUserId: string | undefined
  /** The file's, or the role that App2 makes one for. */
  readonly password: SecretValue | { readonly deliverTo: string }
}

/** `detail` is a sentence of ours about that line. */
export type LineProblem = { readonly line: number; readonly detail: string }

export type FileContents = { readonly rows: readonly BulkRow[]; readonly problems: readonly LineProblem[] }

export type ReadOptions = {
  /** The role for the passwords that the file does not have. */
  readonly generateFor: string | undefined
  /** Whether a token names the human of all rows. */
  readonly isNamed?: boolean
}

/** The whole file, with everything that is wrong with it. Throws UsageError for one that cannot be read. */
export async function readRows(path: string, options: ReadOptions): Promise<FileContents> {
  const rows: BulkRow[] = []
  const problems: LineProblem[] = []
  const lineOf = new Map<string, number>()
  let columns: readonly Column[] | undefined
  try {
    for await (const { line, fields } of readRecords(path)) {
      if (columns === undefined) {
        columns = readHeader(fields, options)
        continue
      }
      const row = readRow(line, fields, columns, options)
      problems.push(...row.problems.map((detail) => ({ line, detail })))
      if (row.username === undefined) continue
      const earlier = lineOf.get(row.username)
      if (earlier !== undefined) problems.push({ line, detail: `username is that of line ${earlier} again` })
      else lineOf.set(row.username, line)
      if (row.row !== undefined) rows.push(row.row)
    }
  } catch (error) {
    if (!(error instanceof LineError)) throw error
    return { rows: [], problems: [...problems, { line: error.line, detail: error.message }] }
  }
  if (rows.length === 0 && problems.length === 0) problems.push({ line: 1, detail: 'is the end: there are no users' })
  return { rows, problems }
}

class LineError extends Error {
  readonly line: number

  constructor(line: number, detail: string) {
    super(detail)
    this.line = line
  }
}

type FileRecord = { readonly line: number; readonly fields: readonly string[] }

/** Far above the longest row that App1 takes; a quote that nobody closed does not swallow the file. */
const longestRecordBytes = 16_384

/** Empty ones are left out, and so are those of commas alone, which spreadsheets write. */
async function* readRecords(path: string): AsyncGenerator<FileRecord, void, undefined> {
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    record_delimiter: ['\r\n', '\n', '\r'],
    max_record_size: longestRecordBytes,
  })
  // What breaks the file breaks the parser, which the loop waits for.
  pipeline(createReadStream(path), parser, () => undefined)
  try {
    for await (const parsed of parser as AsyncIterable<ParsedRecord>) {
      const { record: fields, info } = parsed
      // The parser counts the lines up to the record's end.
      const line = info.lines - fields.join('').split(/\r\n|\n|\r/).length + 1
      yield { line, fields }
    }
  } catch (error) {
    throw toLineError(error)
  }
}

type ParsedRecord = { readonly record: readonly string[]; readonly info: { readonly lines: number } }

const csvProblems: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'is the end of the file, inside a quotation that begins there or further up',
  INVALID_OPENING_QUOTE: 'has a quotation mark inside a field: the field must be quoted, and the mark doubled',
  CSV_INVALID_CLOSING_QUOTE: 'has text behind the end of a quotation: a mark inside must be doubled',
  CSV_MAX_RECORD_SIZE: `is longer than ${longestRecordBytes} bytes, or ends a quotation that is: a mark inside must be doubled`,
}

/** The parser's own sentences quote the file, passwords included, so none of them goes on. */
function toLineError(error: unknown): Error {
  if (error instanceof CsvError) {
    return new LineError(Number(error['lines']), csvProblems[error.code] ?? 'is not CSV')
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return /^E[A-Z]+$/.test(code) ? new UsageError(`The CSV file cannot be read: ${code}.`) : toError(error)
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error('The CSV file cannot be read.')
}

type Column = (typeof readColumns)[number] | (typeof ignoredColumns)[number]

const readColumns = ['username', 'human_user_id', 'password'] as const

/** Of a file of failed rows, which may be sent again. */
const ignoredColumns = ['code', 'reason'] as const

/** Throws LineError. */
function readHeader(fields: readonly string[], { generateFor, isNamed = false }: ReadOptions): readonly Column[] {
  const names: readonly Column[] = [...readColumns, ...ignoredColumns]
  const columns = fields.flatMap((field) => names.find((name) => name === field) ?? [])
  const dispensable = [...(generateFor === undefined ? [] : ['password']), ...(isNamed ? ['human_user_id'] : [])]
  const missing = readColumns.filter((name) => !columns.includes(name) && !dispensable.includes(name))
  if (columns.length < fields.length) {
    throw new LineError(1, `must name columns, and no others than ${readColumns.join(', ')}`)
  }
  if (new Set(columns).size < columns.length) throw new LineError(1, 'names a column twice')
  if (missing.length > 0) {
    const orToken = `; human_user_id may be absent where ${humanTokenVariable} has a token of the human`
    const why = missing.includes('human_user_id') ? orToken : ''
    throw new LineError(1, `does not name the column ${missing.join(' and ')}${why}`)
  }
  return columns
}

type CheckedRow = { readonly problems: readonly string[]; readonly username?: string; readonly row?: BulkRow }

function readRow(
  line: number,
  fields: readonly string[],
  columns: readonly Column[],
  { generateFor }: ReadOptions,
): CheckedRow {
  if (fields.length !== columns.length) {
    return { problems: [`has ${fields.length} field(s), and the first line ${columns.length}`] }
  }
  if (columns.every((column, at) => column === fields[at])) return { problems: ['is the first line again'] }
  const valueOf = (column: Column): string => fields[columns.indexOf(column)] ?? ''
  const text = valueOf('password')
  const generated = text === '' && generateFor !== undefined
  const weak = generated ? [] : text === '' ? ['is missing'] : passwordProblems(text)
  const problems = weak.map((detail) => `password ${detail}`)
  const human = columns.includes('human_user_id') ? { human_user_id: valueOf('human_user_id') } : {}
  const body = { username: valueOf('username'), ...human, password: '' }
  try {
    const { username, human_user_id: humanUserId } = parseRequest(createServiceUserRequest, body)
    if (problems.length > 0) return { problems, username }
    const password = generated ? { deliverTo: generateFor } : new SecretValue(text)
    return { problems, username, row: { line, username, humanUserId, password } }
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    const named = (error.errors ?? []).map((field) =>
      `${'pointer' in field ? field.pointer.slice(1) : ''} ${field.detail}`.trim(),
    )
    return { problems: [...named, ...problems] }
  }
}
