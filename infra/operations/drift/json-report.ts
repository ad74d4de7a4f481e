// The drift report as one JSON document for programs. docs/drift.md describes its fields; they are only ever added to.
import type { DriftedUser } from './find-drift.ts'
import { asciiJson } from './escape.ts'
import type { Repair } from './repair.ts'
import type { Report, ReportDeps, Summary } from './report.ts'

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
