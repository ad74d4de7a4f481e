// Writes what came of a call, for a person or a program; it holds no password, and nothing that a terminal would obey.
import { asciiJson } from '../escape.ts'
import type { Problem, Result } from './ask-app1.ts'
import type { Call } from './config.ts'

/** Whether the same call may be sent again, and would do what this one was to do. */
export function isRepeatable(result: Result): boolean {
  if (result.kind === 'created') return false
  return result.kind === 'no_answer' || result.status === 429 || result.status >= 500
}

/** One document. `outcome` is `none` where nothing was done, and `unknown` where nobody can say. */
export function jsonReport(result: Result, idempotencyKey: string): string {
  const key = { idempotency_key: idempotencyKey }
  switch (result.kind) {
    case 'created':
      return `${asciiJson({ created: true, status: 201, user: result.user, ...key })}\n`
    case 'refused': {
      const { status, problem, retryAfter } = result
      const repeat = { repeatable: isRepeatable(result), ...(retryAfter !== undefined && { retry_after: retryAfter }) }
      return `${asciiJson({ created: false, status, problem, outcome: outcomeOf(result), ...repeat, ...key })}\n`
    }
    case 'no_answer': {
      const { reason, error } = result
      return `${asciiJson({ created: false, reason, error, outcome: 'unknown', repeatable: true, ...key })}\n`
    }
  }
}

export function textReport(result: Result, call: Call, idempotencyKey: string): string {
  const lines = [...headline(result), ...(isRepeatable(result) ? howToRepeat(result, call, idempotencyKey) : [])]
  return `${lines.join('\n')}\n`
}

function headline(result: Result): string[] {
  switch (result.kind) {
    case 'created': {
      const { username, group, created_at: at, created_by: by, provisioning_id: id } = result.user
      return [
        `201 Created: ${printable(username)}, in the group ${group}, at ${printable(at)}, asked for by ${printable(by)}.`,
        `Provisioning id: ${printable(id)}`,
      ]
    }
    case 'refused':
      return refusalLines(result.status, result.problem)
    case 'no_answer':
      return [`${noAnswer[result.reason]}${result.error === undefined ? '' : ` (${result.error})`}`]
  }
}

const noAnswer = {
  timeout: 'App1 did not answer in time.',
  unreachable: 'App1 could not be reached, or the connection broke.',
  unreadable: 'App1 answered 201, and the answer could not be read.',
} as const

const refusedBeforeApp1 =
  'That was IAM, before App1: look at the credentials, the Region, and the permission to invoke this API.'

function refusalLines(status: number, problem: Problem): string[] {
  const { title = problem.message ?? 'Refused', code, detail, errors = [], request_id: requestId } = problem
  return [
    `${status} ${printable(title)}${code === undefined ? '' : ` (${printable(code)})`}${detail === undefined ? '' : `: ${printable(detail)}`}`,
    ...errors.map((error) => `  ${printable(error.pointer ?? error.header ?? '')} ${printable(error.detail)}`),
    ...(requestId === undefined ? [] : [`Request id: ${printable(requestId)}`]),
    ...(status === 403 && code === undefined ? [refusedBeforeApp1] : []),
  ]
}

function howToRepeat(result: Result, call: Call, idempotencyKey: string): string[] {
  const { username, humanUserId, region } = call
  const wait = result.kind === 'refused' && result.retryAfter !== undefined && /^\d{1,6}$/.test(result.retryAfter)
  const args = [
    ['--url', call.url.href],
    ['--region', region],
    ['--user', username],
    ['--human', humanUserId],
    ['--idempotency-key', idempotencyKey],
    ...(call.format === 'json' ? [['--json']] : []),
  ].flat()
  return [
    outcomeOf(result) === 'none' ? 'Nothing was done.' : 'It is not known whether the user was made.',
    `Idempotency key: ${idempotencyKey}`,
    `This repeats the call safely, with the same password${wait ? `, not before ${result.retryAfter ?? ''} seconds have passed` : ''}:`,
    `  npm run call -- ${args.map(shellWord).join(' ')}`,
  ]
}

/** App1's own word. Without one (API Gateway's throttling apart, which comes before App1) nobody knows. */
function outcomeOf(result: Result): 'none' | 'unknown' {
  if (result.kind !== 'refused') return 'unknown'
  return result.problem.outcome ?? (result.status < 500 ? 'none' : 'unknown')
}

/** A word of a POSIX shell's command line. */
function shellWord(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

function printable(text: string): string {
  return asciiJson(text).slice(1, -1)
}
