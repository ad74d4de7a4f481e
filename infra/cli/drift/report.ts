// What a run of the drift report tells, as a table for people or one JSON document for programs; it is written as it comes.
import { asciiJson, escapeText } from '../escape.ts'
import type { DriftedUser, Finding, LeftAloneReason } from './drift.ts'
import type { FailedCall } from './pool-users.ts'
import type { Repair, RepairOutcome } from './run-drift.ts'

export type Report = {
  user(user: DriftedUser): Promise<void>
  /** Only after the last user. */
  repair(repair: Repair): Promise<void>
  /** Once, and last, also when the run broke off. */
  end(summary: Summary): Promise<void>
}

export type Summary = {
  readonly usersSeen: number
  readonly machineUsersSkipped: number
  readonly drifted: number
  readonly repairable: number
  readonly removed: number
  readonly failed: number
  /** Drifted, and still as the report shows them. */
  readonly left: number
  /** Why the run broke off; absent when it saw the whole pool. */
  readonly brokenOff?: FailedCall
}

export type ReportDeps = {
  readonly userPoolId: string
  /** Resolves when more can be taken, so that a slow reader does not fill the memory. */
  readonly write: (text: string) => Promise<void>
}

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
  if (drifted === 0) return `Nothing incomplete among ${seen}.`
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

/** A document that parses, also when the run broke off: then `summary.broken_off` says so. */
export function createJsonReport({ userPoolId, write }: ReportDeps): Report {
  let opened: 'nothing' | 'users' | 'repairs' = 'nothing'

  const open = (list: 'users' | 'repairs'): string => {
    if (opened === list) return ',\n'
    const head = opened === 'nothing' ? `{"user_pool_id":${asciiJson(userPoolId)},"users":[` : ''
    opened = list
    return head + (list === 'repairs' ? '],"repairs":[\n' : '\n')
  }

  return {
    user: (user) => write(open('users') + asciiJson(userJson(user))),
    repair: (repair) => write(open('repairs') + asciiJson(repairJson(repair))),
    end: (summary) => {
      const lists = opened === 'repairs' ? '' : open('repairs')
      return write(`${lists}],"summary":${asciiJson(summaryJson(summary))}}\n`)
    },
  }
}

function userJson(user: DriftedUser): object {
  return {
    username: user.username,
    sub: user.sub,
    status: user.status,
    enabled: user.enabled,
    in_group: user.inGroup,
    provisioning_id: user.provisioningId ?? null,
    created_at: new Date(user.createdAt).toISOString(),
    age_seconds: Math.floor(user.ageMs / 1000),
    verdict: user.verdict.kind,
    reason: user.verdict.kind === 'left_alone' ? user.verdict.reason : null,
  }
}

function repairJson({ sub, provisioningId, outcome }: Repair): object {
  return {
    sub,
    provisioning_id: provisioningId,
    outcome: outcome.kind,
    reason: 'reason' in outcome ? outcome.reason : null,
    operation: outcome.kind === 'failed' ? outcome.operation : null,
    ...(outcome.kind === 'failed' && outcome.message !== undefined && { message: outcome.message }),
  }
}

function summaryJson(summary: Summary): object {
  return {
    users_seen: summary.usersSeen,
    machine_users_skipped: summary.machineUsersSkipped,
    drifted: summary.drifted,
    repairable: summary.repairable,
    removed: summary.removed,
    failed: summary.failed,
    left: summary.left,
    broken_off: summary.brokenOff ?? null,
  }
}
