// The drift report as a table for people; whatever came out of the pool is escaped before it is printed.
import type { LeftAloneReason } from './drift.ts'
import { escapeText } from './escape.ts'
import type { DriftedUser, Finding } from './find-drift.ts'
import type { FailedCall } from './pool-users.ts'
import type { RepairOutcome } from './repair.ts'
import type { Report, ReportDeps, Summary } from './report.ts'

export type TableReportDeps = ReportDeps & {
  /** Of the terminal; Infinity where there is none, so that each user is one line for `grep` and `awk`. */
  readonly columns: number
  readonly paint: (style: 'bold' | 'yellow' | 'green' | 'red', text: string) => string
}

type Column = { readonly title: string; readonly width: number; readonly text: (user: DriftedUser) => string }

/** Of fixed widths, since rows are printed as they come. A longer username moves the rest of its own line only. */
const table: readonly Column[] = [
  { title: 'USERNAME', width: 24, text: ({ username }) => escapeText(username) },
  { title: 'VERDICT', width: 38, text: ({ verdict }) => verdictText(verdict) },
  { title: 'AGE', width: 4, text: ({ ageMs }) => ageText(ageMs) },
  { title: 'STATUS', width: 21, text: ({ status }) => escapeText(status) },
  { title: 'ENABLED', width: 7, text: ({ enabled }) => yesOrNo(enabled) },
  { title: 'IN GROUP', width: 8, text: ({ inGroup }) => yesOrNo(inGroup) },
  { title: 'SUB', width: 36, text: ({ sub }) => escapeText(sub) },
  { title: 'PROVISIONING_ID', width: 48, text: ({ provisioningId }) => escapeText(provisioningId ?? '-') },
]

const gap = '  '

/** Columns that do not fit beside each other go on in further lines, indented. */
export function createTableReport({ userPoolId, write, columns, paint }: TableReportDeps): Report {
  const lines = packColumns(table, columns)
  let headed = false
  let anyRepair = false

  const row = (cell: (column: Column) => string): string =>
    lines
      .map((line, index) => (index === 0 ? '' : gap) + line.map(cell).join(gap).trimEnd())
      .map((line) => `${line}\n`)
      .join('')

  return {
    user: async (user) => {
      const head = headed
        ? ''
        : paint(
            'bold',
            row(({ title, width }) => title.padEnd(width)),
          )
      headed = true
      const style = user.verdict.kind === 'repairable' ? 'yellow' : undefined
      const body = row(({ title, text, width }) => {
        const cell = text(user).padEnd(width)
        return title === 'VERDICT' && style !== undefined ? paint(style, cell) : cell
      })
      await write(head + body)
    },
    repair: async ({ sub, outcome }) => {
      const head = anyRepair ? '' : `\n${paint('bold', 'REPAIR')}\n`
      anyRepair = true
      const style = outcome.kind === 'failed' ? 'red' : 'green'
      await write(`${head}${escapeText(sub)}${gap}${paint(style, outcomeText(outcome))}\n`)
    },
    end: async (summary) => {
      await write(`${headed ? '\n' : ''}${summaryText(summary, escapeText(userPoolId))}\n`)
    },
  }
}

/** As many columns to a line as its width takes, and at least one. */
function packColumns(all: readonly Column[], columns: number): readonly (readonly Column[])[] {
  const lines: Column[][] = []
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
}

function verdictText(verdict: Finding): string {
  return verdict.kind === 'repairable' ? 'repairable' : `left alone: ${reasonTexts[verdict.reason]}`
}

function outcomeText(outcome: RepairOutcome): string {
  switch (outcome.kind) {
    case 'removed':
      return 'removed'
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

function summaryText(summary: Summary, poolId: string): string {
  const { usersSeen, machineUsersSkipped, drifted, repairable, removed, failed, left } = summary
  const machines = `${count(machineUsersSkipped, 'machine user')} not looked at`
  const seen = `${count(usersSeen, 'user')} of ${poolId} (${machines})`
  if (summary.brokenOff !== undefined) {
    return `Broken off after ${seen}: ${failureText(summary.brokenOff)}`
  }
  if (drifted === 0) return `Nothing half-made among ${seen}.`
  const changes = removed + failed > 0 ? `, ${removed} removed, ${failed} failed, ${left} left` : ''
  return `${drifted} drifted among ${seen}: ${repairable} repairable, ${drifted - repairable} left alone${changes}.`
}

function failureText({ operation, reason, message }: FailedCall): string {
  return [operation, reason, ...(message === undefined ? [] : [message])].join(': ')
}

function count(number: number, noun: string): string {
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
