// The routes of jobs: who may ask, for what, and how the answer is worded. The work is accept-job.ts and show-job.ts.
import type { Context, Hono } from 'hono'
import { ServiceError } from '#shared/errors.ts'
import { dryRunQuery, jobRowsQuery, ofJob } from '#shared/job-contract.ts'
import type { AppEnvironment } from '#shared/http/app-environment.ts'
import { createBaseApp, type BaseDeps } from '#shared/http/create-base-app.ts'
import { readJsonBody } from '#shared/http/read-json-body.ts'
import { readPath, readQuery } from '#shared/http/read-parameters.ts'
import type { RoutedApp1, RoutePath } from '#shared/http/routed-app.ts'
import { humanFields, identifyByToken } from '#shared/human/identify-human.ts'
import type { HumanRules } from '#shared/human/human-verifier.ts'
import { bindFields } from '#shared/logger.ts'
import { requireCaller, type AllowedCaller } from '../caller.ts'
import { readIdempotencyKey } from '../idempotency-key.ts'
import { beforeApp2, type Machine } from '../machine/machine.ts'
import type { App2Client } from '../app2-client.ts'
import { acceptJob, type AcceptJobDeps } from './accept-job.ts'
import { checkRows } from './check-rows.ts'
import { dryRunJob } from './dry-run-job.ts'
import { cancelJob, listJobRows, showJob } from './show-job.ts'

type AppDeps = BaseDeps &
  AcceptJobDeps & {
    readonly allowedCallers: readonly AllowedCaller[]
    /** ARNs of the roles that generated passwords may be delivered to. */
    readonly passwordReaders: readonly string[]
    /** Absent where no issuer of humans' tokens is configured. */
    readonly human?: HumanRules | undefined
    readonly machine: Machine
    /** Asked by dry runs alone. */
    readonly app2: App2Client
  }

export function createApp(deps: AppDeps): Hono<AppEnvironment> {
  const app = createBaseApp(deps)
  const routes: RoutedApp1 = app

  const gate = requireCaller(deps.allowedCallers)

  routes.post('/jobs', gate, async (c) => {
    const isDry = readQuery(c, dryRunQuery).dry_run === 'true'
    const { requestedBy, requestId, deadline, timer } = c.var
    const idempotencyKey = readIdempotencyKey(c.req.header('idempotency-key'))
    if (!isDry) c.set('write', { idempotencyKey })
    const human = await identifyByToken(deps.human, c.var.unverifiedHumanToken, { requestId, deadline, timer })
    const logger = human ? bindFields(c.var.logger, humanFields(human)) : c.var.logger
    c.set('logger', logger)
    const { passwordReaders } = deps
    const rows = checkRows(await readJsonBody(c), { passwordReaders, humanUserId: human?.humanUserId })
    const job = { requestedBy, idempotencyKey, rows, human }
    if (isDry) return c.json(await dryRunJob(job, deps, { requestId, deadline, logger, timer }), 200)

    const { idempotencySecret } = await beforeApp2(c.var, 'secret_ms', () => deps.machine.current(deadline))
    const id = await acceptJob(job, deps, { idempotencySecret, deadline, logger })

    return c.json({ job_id: id, status_url: `/jobs/${id}` }, 202)
  })

  routes.get('/jobs/{id}', gate, async (c) => c.json(await showJob(ownJob(c), deps, c.var.deadline), 200))

  routes.get('/jobs/{id}/rows', gate, async (c) => {
    const query = readQuery(c, jobRowsQuery)
    return c.json(await listJobRows(ownJob(c), query, deps, c.var.deadline), 200)
  })

  routes.post('/jobs/{id}/cancel', gate, async (c) => {
    const own = ownJob(c)
    c.set('write', {})
    return c.json(await cancelJob(own, deps, c.var.deadline), 200)
  })

  return app
}

type JobPath = Extract<RoutePath, `/jobs/{id}${string}`>

/** An id that cannot be one is that of no job. */
function ownJob<P extends JobPath>(
  c: Context<AppEnvironment, P>,
): { readonly id: string; readonly requestedBy: string } {
  const id = readJobId(c)
  c.set('logger', bindFields(c.var.logger, { job: id }))
  return { id, requestedBy: c.var.requestedBy }
}

function readJobId(c: Context<AppEnvironment, JobPath>): string {
  try {
    return readPath(c, ofJob).id
  } catch (error) {
    throw error instanceof ServiceError ? new ServiceError('job_not_found') : error
  }
}
