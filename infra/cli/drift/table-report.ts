// The report as a table for people.
import { escapeText } from '../escape.ts'
import type { FailedCall } from './aws-call.ts'
import type { DriftedUser, Finding, LeftAloneReason } from './drift.ts'
import type { RepairOutcome } from './repair.ts'
import type { FindingCounts, Report, ReportDeps, Summary } from './report.ts'
import type { DriftedSecret, SecretProblem } from './secret-drift.ts'

export type TableReportDeps = ReportDeps & {
  /** Of the terminal; Infinity where there is none, so that each finding is one line for `grep` and `awk`. */
  readonly columns: number
  readonly paint: (style: 'bold' | 'yellow' | 'green' | 'red', text: string) => string
}

type Column<Item> = { readonly title: string; readonly width: number; readonly text: (item: Item) => string }

/** Of fixed widths, since rows are printed as they come. A longer username moves the rest of its own line only. */
const userColumns: readonly Column<DriftedUser>[] = [
  { title: 'USERNAME', width: 24, text: ({ username }) => escapeText(username) },
  { title: 'VERDICT', width: 38, text: ({ verdict }) => verdictText(verdict) },
  { title: 'AGE', width: 4, text: ({ ageMs }) => ageText(ageMs) },
  { title: 'STATUS', width: 21, text: ({ status }) => escapeText(status) },
  { title: 'ENABLED', width: 7, text: ({ enabled }) => yesOrNo(enabled) },
  { title: 'IN GROUP', width: 8, text: ({ inGroup }) => yesOrNo(inGroup) },
  { title: 'SUB', width: 36, text: ({ sub }) => escapeText(sub) },
  { title: 'PROVISIONING_ID', width: 48, text: ({ provisioningId }) => escapeText(provisioningId ?? '-') },
]

const secretColumns: readonly Column<DriftedSecret>[] = [
  { title: 'SECRET OF', width: 36, text: ({ sub }) => escapeText(sub) },
  { title: 'VERDICT', width: 38, text: ({ verdict }) => verdictText(verdict) },
  { title: 'AGE', width: 4, text: ({ ageMs }) => ageText(ageMs) },
  { title: 'PROBLEM', width: 16, text: ({ problem }) => problemTexts[problem] },
  { title: 'USERNAME', width: 24, text: ({ username }) => escapeText(username ?? '-') },
]

const gap = '  '

export function createTableReport({ userPoolId, write, columns, paint }: TableReportDeps): Report {
  const userRow = createTable(userColumns, { columns, paint })
  const secretRow = createTable(secretColumns, { columns, paint })
  let section: 'nothing' | 'users' | 'secrets' | 'repairs' = 'nothing'

  /** A blank line before each section but the first. */
  const begin = (next: typeof section): string => {
    const blank = section !== 'nothing' && section !== next ? '\n' : ''
    section = next
    return blank
  }

  return {
    user: (user) => write(begin('users') + userRow(user)),
    secret: (secret) => write(begin('secrets') + secretRow(secret)),
    repair: async ({ sub, outcome }) => {
      const head = section === 'repairs' ? '' : `${begin('repairs')}${paint('bold', 'REPAIR')}\n`
      const style = outcome.kind === 'failed' ? 'red' : 'green'
      await write(`${head}${escapeText(sub)}${gap}${paint(style, outcomeText(outcome))}\n`)
    },
    end: async (summary) => {
      await write(`${section === 'nothing' ? '' : '\n'}${summaryText(summary, escapeText(userPoolId))}\n`)
    },
  }
}

/** Rows, the first with its head. Columns that do not fit beside each other go on in further lines, indented. */
function createTable<Item extends { readonly verdict: Finding }>(
  all: readonly Column<Item>[],
  { columns, paint }: Pick<TableReportDeps, 'columns' | 'paint'>,
): (item: Item) => string {
  const lines = packColumns(all, columns)
  let headed = false

  const row = (cell: (column: Column<Item>) => string): string =>
    lines
      .map((line, index) => (index === 0 ? '' : gap) + line.map(cell).join(gap).trimEnd())
      .map((line) => `${line}\n`)
      .join('')

  return (item) => {
    const head = headed
      ? ''
      : paint(
          'bold',
          row(({ title, width }) => title.padEnd(width)),
        )
    headed = true
    const style = item.verdict.kind === 'repairable' ? 'yellow' : undefined
    const body = row(({ title, text, width }) => {
      const cell = text(item).padEnd(width)
      return title === 'VERDICT' && style !== undefined ? paint(style, cell) : cell
    })
    return head + body
  }
}

/** As many columns to a line as its width takes, and at least one. */
function packColumns<Item>(all: readonly Column<Item>[], columns: number): readonly (readonly Column<Item>[])[] {
  const lines: Column<Item>[][] = []
  let room = 0
  for (const column of all) {
    const line = lines.at(-1)
    if (line !== undefined && gap.length + column.width <= room) {
      line.push(column)
      room -= gap.length + column.width
    } else {
      room = columns - column.width - (lines.length === 0 ? 0 : gap.length)
      lines.push([column])
    }
  }
  return lines
}

const reasonTexts: Readonly<Record<LeftAloneReason, string>> = {
  no_provisioning_id: 'no provisioning_id',
  malformed_provisioning_id: 'malformed provisioning_id',
  disabled: 'disabled',
  too_recent: 'too recent',
  changed_since_creation: 'changed since creation',
  out_of_group: 'taken out of the group',
  no_earlier_password: 'no earlier password',
  no_secret_of_this_pool: 'no secret of this pool',
  user_exists: 'its user exists',
}

const problemTexts: Readonly<Record<SecretProblem, string>> = {
  without_user: 'without a user',
  password_not_set: 'password not set',
}

function verdictText(verdict: Finding): string {
  return verdict.kind === 'repairable' ? 'repairable' : `left alone: ${reasonTexts[verdict.reason]}`
}

function outcomeText(outcome: RepairOutcome): string {
  switch (outcome.kind) {
    case 'removed':
      return 'removed'
    case 'scheduled':
      return 'scheduled for deletion'
    case 'moved_back':
      return 'moved back to the password that is set'
    case 'gone':
      return 'gone meanwhile'
    case 'finished':
      return 'finished meanwhile'
    case 'left_alone':
      return `left alone: ${reasonTexts[outcome.reason]}`
    case 'failed':
      return `failed: ${failureText(outcome)}`
  }
}

function summaryText({ usersSeen, machineUsersSkipped, users, secrets, brokenOff }: Summary, poolId: string): string {
  const machines = `${count(machineUsersSkipped, 'machine user')} not looked at`
  const seen = `${count(usersSeen, 'user')} of ${poolId} (${machines})`
  if (brokenOff !== undefined) return `Broken off after ${seen}: ${failureText(brokenOff)}`
  const ofUsers = users.drifted === 0 ? `Nothing incomplete among ${seen}.` : countsText(users, seen, 'removed')
  return `${ofUsers}\n${secretsText(secrets)}`
}

function secretsText(secrets: Summary['secrets']): string {
  if (secrets === undefined) return 'Secrets were not looked at: --secrets says what their names begin with.'
  // A wrong prefix must not read as an all-clear.
  if (secrets.seen === 0) return 'There are no secrets under that prefix: it is the stack’s name and /service-users/.'
  const seen = count(secrets.seen, 'secret')
  return secrets.drifted === 0 ? `Nothing drifted among ${seen}.` : countsText(secrets, seen, 'repaired')
}

function countsText(
  { drifted, repairable, repaired, failed, left }: FindingCounts,
  seen: string,
  participle: string,
): string {
  const changes = repaired + failed > 0 ? `, ${repaired} ${participle}, ${failed} failed, ${left} left` : ''
  return `${drifted} drifted among ${seen}: ${repairable} repairable, ${drifted - repairable} left alone${changes}.`
}

function failureText({ operation, reason, message }: FailedCall): string {
  return [operation, reason, ...(message === undefined ? [] : [message])].join(': ')
}

export function count(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
}

function yesOrNo(value: boolean): string {
  return value ? 'yes' : 'no'
}

/** In the largest unit of which there is one whole. */
function ageText(ms: number): string {
  const minutes = Math.max(0, Math.floor(ms / 60_000))
  if (minutes < 60) return `${minutes}m`
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)}h`
  return `${Math.floor(minutes / (24 * 60))}d`
}
