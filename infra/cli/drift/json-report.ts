// The report as one JSON document for programs.
import { asciiJson } from '../escape.ts'
import type { DriftedUser, Finding } from './drift.ts'
import type { Repair } from './repair.ts'
import type { Report, ReportDeps, Summary } from './report.ts'
import type { DriftedSecret } from './secret-drift.ts'

/** A document that parses, also when the run broke off: then `summary.broken_off` says so. */
export function createJsonReport({ userPoolId, write }: ReportDeps): Report {
  let opened = -1

  /** Closes the list before, opens those between as empty ones, and separates items. */
  const open = (list: (typeof jsonLists)[number]): string => {
    const wanted = jsonLists.indexOf(list)
    if (opened === wanted) return ',\n'
    const heads = jsonLists.slice(opened + 1, wanted + 1).map((name) => `"${name}":[`)
    const before = opened === -1 ? `{"user_pool_id":${asciiJson(userPoolId)},` : '],'
    opened = wanted
    return `${before}${heads.join('],')}\n`
  }

  return {
    user: (user) => write(open('users') + asciiJson(userJson(user))),
    secret: (secret) => write(open('secrets') + asciiJson(secretJson(secret))),
    repair: (repair) => write(open('repairs') + asciiJson(repairJson(repair))),
    end: (summary) => {
      const lists = jsonLists[opened] === 'repairs' ? '' : open('repairs')
      return write(`${lists}],"summary":${asciiJson(summaryJson(summary))}}\n`)
    },
  }
}

const jsonLists = ['users', 'secrets', 'repairs'] as const

function userJson(user: DriftedUser): object {
  return {
    username: user.username,
    sub: user.sub,
    status: user.status,
    enabled: user.enabled,
    in_group: user.inGroup,
    provisioning_id: user.provisioningId ?? null,
    created_at: new Date(user.createdAt).toISOString(),
    ...verdictJson(user),
  }
}

function secretJson(secret: DriftedSecret): object {
  return {
    name: secret.name,
    sub: secret.sub,
    username: secret.username ?? null,
    problem: secret.problem,
    created_at: new Date(secret.createdAt).toISOString(),
    ...verdictJson(secret),
  }
}

function verdictJson({ ageMs, verdict }: { readonly ageMs: number; readonly verdict: Finding }): object {
  return {
    age_seconds: Math.floor(ageMs / 1000),
    verdict: verdict.kind,
    reason: verdict.kind === 'left_alone' ? verdict.reason : null,
  }
}

function repairJson({ outcome, ...candidate }: Repair): object {
  return {
    sub: candidate.sub,
    ...('username' in candidate ? { provisioning_id: candidate.provisioningId } : { problem: candidate.problem }),
    outcome: outcome.kind,
    reason: 'reason' in outcome ? outcome.reason : null,
    operation: outcome.kind === 'failed' ? outcome.operation : null,
    ...(outcome.kind === 'failed' && outcome.message !== undefined && { message: outcome.message }),
  }
}

function summaryJson({ usersSeen, machineUsersSkipped, users, secrets, brokenOff }: Summary): object {
  return {
    users_seen: usersSeen,
    machine_users_skipped: machineUsersSkipped,
    drifted: users.drifted,
    repairable: users.repairable,
    removed: users.repaired,
    failed: users.failed,
    left: users.left,
    secrets: secrets ?? null,
    broken_off: brokenOff ?? null,
  }
}
