// What a job would do, without one: each row under the key that it will have there.
import { ServiceError } from '#shared/errors.ts'
import { mostDryRows, type DryJob } from '#shared/job-contract.ts'
import { forecastAll, type DryRunDeps } from '../dry-run.ts'
import { beforeApp2 } from '../machine/machine.ts'
import type { ProvisionUserContext } from '../provision-user.ts'
import type { JobTable } from '../job-store/job-store.ts'
import { idempotencyKeyOfRow } from '../provisioning-id.ts'
import type { WantedJob } from './accept-job.ts'
import { fingerprintOf, makeJobId } from './job-identity.ts'

export type DryRunJobDeps = DryRunDeps & { readonly jobs: Pick<JobTable, 'find'> }

/**
 * The rows have been checked. Throws `invalid_request` for more of them than a dry run takes, `idempotency_key_reused` where the
 * key is that of a job with other rows, and ServiceError.
 */
export async function dryRunJob(
  { requestedBy, idempotencyKey, rows }: WantedJob,
  deps: DryRunJobDeps,
  context: ProvisionUserContext,
): Promise<DryJob> {
  if (rows.length > mostDryRows) {
    const errors = [{ pointer: '/rows', detail: `must have at most ${mostDryRows} rows in a dry run` }]
    throw new ServiceError('invalid_request', { errors })
  }
  const { idempotencySecret } = await beforeApp2(context, 'secret_ms', () => deps.machine.current(context.deadline))
  const jobId = makeJobId(idempotencySecret, { requestedBy, idempotencyKey })
  const kept = await deps.jobs.find(jobId, context.deadline)
  if (kept !== undefined && kept.fingerprint !== fingerprintOf(idempotencySecret, rows)) {
    throw new ServiceError('idempotency_key_reused')
  }
  const requests = rows.map((row, index) => ({
    ...row,
    requestedBy,
    idempotencyKey: idempotencyKeyOfRow(jobId, index),
  }))
  const forecasts = await forecastAll(requests, deps, context)
  context.logger.info('job checked', { outcome: 'done', ...context.timer.fields() })
  return {
    rows: forecasts.map((forecast, row) => ({ row, username: requests[row]?.username ?? '', ...forecast })),
  }
}
