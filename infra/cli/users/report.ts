// Writes what came of a command, for a person or a program; it holds no password, and nothing that a terminal would obey.
import type { Answer, Failure } from '#shared/client/answer.ts'
import { asciiJson, escapeText } from '../escape.ts'
import { failureLines, shellWord, wordsOf } from '../failure-lines.ts'
import { sameHuman } from '../human-token.ts'
import type { Command } from './config.ts'

/** Of a change: nobody knows whether it was done, or it was begun. */
export function isUnfinished({ outcome }: Failure, { action }: Pick<Command, 'action'>): boolean {
  return outcome !== 'none' && action !== 'show' && action !== 'list'
}

/** One document. */
export function jsonReport(answer: Answer<object>): string {
  if (answer.ok) return `${asciiJson({ ok: true, ...answer.data })}\n`
  const { code, status, outcome, problem, retryAfterSeconds, idempotencyKey } = answer
  return `${asciiJson({
    ok: false,
    code,
    message: wordsOf(answer),
    status,
    outcome,
    problem,
    retry_after: retryAfterSeconds,
    idempotency_key: idempotencyKey,
  })}\n`
}

/** `isNamed`: a token named the human. */
type Reported = Command & { readonly isNamed?: boolean }

export function textReport(answer: Answer<object>, command: Reported): string {
  if (!answer.ok) return lines([...failureLines(answer), ...repeatLines(answer, command)])
  const { users } = { users: undefined, ...answer.data } satisfies { users: unknown }
  return lines(Array.isArray(users) ? table(users) : fields(answer.data))
}

/** `message` is a sentence for no reader of columns. */
function fields(data: object): string[] {
  const shown = Object.entries(data).filter(([name]) => name !== 'message')
  const width = Math.max(...shown.map(([name]) => name.length))
  return shown.map(([name, value]) => `${escapeText(name).padEnd(width)}  ${text(value)}`)
}

const columns = ['username', 'status', 'human_user_id', 'created_at', 'updated_at']

function table(users: readonly unknown[]): string[] {
  const rows = users.map((user) =>
    columns.map((name) => text(new Map(Object.entries({ ...(user as object) })).get(name))),
  )
  const all = [columns.map((name) => name.toUpperCase()), ...rows]
  const widths = columns.map((_, at) => Math.max(...all.map((row) => row[at]?.length ?? 0)))
  return all.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}

/** Of another system, so that it is not taken for what the document says. */
function text(value: unknown): string {
  if (value === undefined) return ''
  if (Array.isArray(value)) return value.map(text).join(',')
  return escapeText(typeof value === 'string' ? value : JSON.stringify(value))
}

const outcomes = {
  none: 'Nothing was done.',
  unknown: 'It is not known what was done.',
  partial: 'It was begun, and is not finished.',
} as const

function repeatLines(failure: Failure, command: Reported): string[] {
  const { status, outcome, retryAfterSeconds, idempotencyKey } = failure
  const mayPass = status === undefined || status === 429 || status >= 500
  if (!mayPass && !isUnfinished(failure, command)) return []
  const { action, username, group, url, region, humanUserId, generateFor, prefix, limit, force, json } = command
  const args = [
    [action, username, group],
    ['--url', url.href],
    ['--region', region ?? ''],
    humanUserId && ['--human', humanUserId],
    idempotencyKey && ['--idempotency-key', idempotencyKey],
    generateFor && ['--generate-for', generateFor],
    prefix && ['--prefix', prefix],
    limit < Infinity && ['--limit', String(limit)],
    force && ['--force'],
    json && ['--json'],
  ]
  const conditions = [
    ...(readsPassword(command) ? ['with the same password'] : []),
    ...(command.isNamed && action === 'create' ? [sameHuman] : []),
    ...(retryAfterSeconds === undefined ? [] : [`not before ${retryAfterSeconds} seconds have passed`]),
  ]
  const words = args.flatMap((part) => (part ? part.filter((word) => word !== '') : []))
  return [
    ...(action === 'show' || action === 'list' ? [] : [outcomes[outcome]]),
    `This repeats it${conditions.map((condition) => `, ${condition}`).join('')}:`,
    `  npm run users -- ${words.map(shellWord).join(' ')}`,
  ]
}

function readsPassword({ action, generateFor }: Command): boolean {
  return generateFor === undefined && (action === 'create' || action === 'reset-password')
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('')
}
