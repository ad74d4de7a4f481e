// Writes what came of a run, for a person or a program; it holds no password, and nothing that a terminal would obey.
import type { Failure } from '#shared/client/answer.ts'
import { asciiJson, escapeText } from '../escape.ts'
import { failureLines, printable, shellWord, wordsOf } from '../failure-lines.ts'
import { sameHuman } from '../human-token.ts'
import type { Command } from './config.ts'
import type { LineProblem } from './read-rows.ts'
import type { Course, FailedRow, ForecastRow, Refused } from './run-bulk.ts'

/** `isNamed`: a token named the human. */
type Reported = Command & { readonly isNamed?: boolean }

type Standing = Pick<Course, 'begun' | 'jobs'>

/** How a run ended. */
export type Ending =
  /** The file cannot be sent. */
  | { readonly kind: 'problems'; readonly problems: readonly LineProblem[] }
  | { readonly kind: 'forecast'; readonly rows: readonly ForecastRow[] }
  | ({ readonly kind: 'ended'; readonly failed: readonly FailedRow[] } & Pick<Course, 'jobs'>)
  | ({ readonly kind: 'refused' } & Refused & Standing)
  | ({ readonly kind: 'stopped' } & Standing)

/** 0 done; 1 rows failed, or nothing was done; 2 wrong usage: nothing was sent; 3 not at its end, or unknown. */
export type ExitCode = 0 | 1 | 2 | 3

export function exitCodeOf(ending: Ending): ExitCode {
  switch (ending.kind) {
    case 'problems':
      return 2
    case 'forecast':
      return ending.rows.some(({ would }) => would === 'refuse') ? 1 : 0
    case 'ended':
      return ending.failed.length > 0 ? 1 : 0
    case 'refused':
      if (ending.failure.code === 'job_not_found') return 1
      return ending.jobs.length > 0 || (ending.begun && ending.failure.outcome !== 'none') ? 3 : 1
    case 'stopped':
      return ending.begun ? 3 : 1
  }
}

/** One document. */
export function jsonReport(ending: Ending, { failedPath }: Command): string {
  return `${asciiJson({ ok: exitCodeOf(ending) === 0, ...documentOf(ending, failedPath) })}\n`
}

function documentOf(ending: Ending, failedPath: string): object {
  switch (ending.kind) {
    case 'problems':
      return { code: 'invalid_file', problems: ending.problems }
    case 'forecast':
      return { rows: ending.rows }
    case 'ended': {
      const failed = ending.failed.map(({ line, username, code }) => ({ line, username, code }))
      return { jobs: jobsOf(ending), failed, ...(failed.length > 0 && { failed_file: failedPath }) }
    }
    case 'refused': {
      const { code, status, outcome, problem } = ending.failure
      return { code, message: wordsOf(ending.failure), status, outcome, problem, jobs: jobsOf(ending) }
    }
    case 'stopped':
      return { code: 'interrupted', jobs: jobsOf(ending) }
  }
}

function jobsOf({ jobs }: Pick<Course, 'jobs'>): object[] {
  return jobs.map(({ id, status }) => ({ job_id: id, state: status?.state, rows: status?.rows }))
}

export function textReport(ending: Ending, command: Reported): string {
  return linesOf(ending, command)
    .map((line) => `${line}\n`)
    .join('')
}

function linesOf(ending: Ending, command: Reported): string[] {
  switch (ending.kind) {
    case 'problems':
      return [...problemLines(ending.problems), 'Nothing was sent.']
    case 'forecast':
      return forecastLines(ending.rows)
    case 'ended':
      return endedLines(ending, command)
    case 'refused':
      return refusedLines(ending, command)
    case 'stopped':
      return ending.begun ? ['Stopped.', ...goOnLines(ending, command)] : ['Stopped. Nothing was sent.']
  }
}

/** A screenful or two: a wrong column makes every row wrong. */
const mostShown = 100

function problemLines(problems: readonly LineProblem[]): string[] {
  const left = problems.length - mostShown
  return [
    ...problems.slice(0, mostShown).map(({ line, detail }) => `line ${line}: ${printable(detail)}`),
    ...(left > 0 ? [`and ${left.toLocaleString('en')} more`] : []),
  ]
}

function forecastLines(rows: readonly ForecastRow[]): string[] {
  const refused = rows.filter(({ would }) => would === 'refuse')
  const count = (would: ForecastRow['would']): string =>
    rows.filter((row) => row.would === would).length.toLocaleString('en')
  return [
    ...refused.map(({ line, username, code = '' }) => `line ${line}: ${escapeText(username)} ${escapeText(code)}`),
    `Of ${counted(rows.length)}, ${count('create')} would be created, ${count('repeat')} are there by an earlier run, and ${count('refuse')} would be refused. Nothing was done.`,
  ]
}

function endedLines(
  { jobs, failed }: Extract<Ending, { kind: 'ended' }>,
  { failedPath, generateFor }: Command,
): string[] {
  const total = jobs.reduce((all, { status }) => all + (status?.rows.total ?? 0), 0)
  const states = jobs.map(({ id, status }) => {
    const { done = 0, failed: bad = 0, cancelled = 0 } = status?.rows ?? {}
    return `job ${escapeText(id)}: ${done} done, ${bad} failed, ${cancelled} cancelled`
  })
  const secrets =
    generateFor === undefined
      ? []
      : ['Where each password is, the rows of the job say: GET /jobs/ID/rows?state=done, as secret_arn.']
  if (failed.length === 0) return [...states, `All ${counted(total)} are there.`, ...secrets]
  const there = (total - failed.length).toLocaleString('en')
  return [
    ...states,
    ...secrets,
    `${there} of ${counted(total)} are there. The others are in ${isPlain(failedPath) ? failedPath : 'the file for failed rows'}, with the reasons.`,
  ]
}

function refusedLines(ending: Extract<Ending, { kind: 'refused' }>, command: Reported): string[] {
  const { failure, rows } = ending
  const known = failure.code === 'invalid_rows' ? byLine(failure, rows) : undefined
  const code = exitCodeOf(ending)
  return [
    ...(known === undefined ? failureLines(failure) : problemLines(known)),
    ...hintsAt(failure),
    ...(code === 3 ? goOnLines(ending, command) : failure.code === 'job_not_found' ? [] : ['Nothing was done.']),
  ]
}

/** App1's pointers, `/rows/3/username`, as lines of the file. */
function byLine({ problem }: Failure, rows: Refused['rows']): readonly LineProblem[] | undefined {
  const errors = Array.isArray(problem?.errors) ? problem.errors : []
  const problems = errors.flatMap((error) => {
    const [, index = '', field = ''] = /^\/rows\/(\d+)\/?(.*)$/.exec('pointer' in error ? error.pointer : '') ?? []
    const line = rows[Number(index)]?.line
    return index === '' || line === undefined ? [] : [{ line, detail: `${field} ${error.detail}`.trim() }]
  })
  return problems.length > 0 && problems.length === errors.length ? problems : undefined
}

function hintsAt({ code, status, problem }: Failure): string[] {
  if (code === 'idempotency_key_reused') {
    return [
      'The file has another password than when its jobs were sent. They are new jobs once the file of their keys, which ends in .bulk.json, is deleted.',
    ]
  }
  const isUnknownRoute = status === 404 && problem === undefined
  return isUnknownRoute ? ['App1 has no jobs there: it is deployed with jobs=on, or at another address.'] : []
}

function goOnLines({ jobs }: Pick<Course, 'jobs'>, command: Reported): string[] {
  const { source, url, region, dryRun, generateFor, failedPath, json } = command
  const shared = [
    '--url',
    url.href,
    ...(region === undefined ? [] : ['--region', region]),
    ...(isPlain(failedPath) ? ['--failed', failedPath] : []),
    ...(json ? ['--json'] : []),
  ]
  const watch = jobs.flatMap(({ id }) => ['--job', id])
  const file = source.kind === 'file' ? (isPlain(source.path) ? source.path : 'FILE') : undefined
  const reader = generateFor === undefined ? [] : ['--generate-for', generateFor]
  const line = (words: readonly string[]): string => `  npm run bulk -- ${words.map(shellWord).join(' ')}`
  return [
    ...(jobs.length > 0 ? ['Jobs that were sent go on by themselves.'] : []),
    `This goes on, and creates nobody twice${file !== undefined && command.isNamed ? `, ${sameHuman}` : ''}:`,
    line(file === undefined ? [...watch, ...shared] : [file, ...shared, ...reader, ...(dryRun ? ['--dry-run'] : [])]),
    ...(file !== undefined && watch.length > 0
      ? ['This watches what was sent, without the file:', line([...watch, ...shared])]
      : []),
  ]
}

/** As a shell and a terminal take it, letter by letter. */
function isPlain(path: string): boolean {
  return /^[\w./:@%+=,-]+$/.test(path) && !path.startsWith('-')
}

function counted(users: number): string {
  return `${users.toLocaleString('en')} user${users === 1 ? '' : 's'}`
}
