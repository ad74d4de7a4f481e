// App1's routes: who may ask, for what, and how the answer is worded. The work is provision-user.ts and service-users.ts.
import type { Context, Hono } from 'hono'
import { createServiceUserRequest } from '#shared/contract.ts'
import { ServiceError } from '#shared/errors.ts'
import type { AppEnvironment } from '#shared/http/app-environment.ts'
import { createBaseApp, type BaseDeps } from '#shared/http/create-base-app.ts'
import { readBody } from '#shared/http/read-json-body.ts'
import { readQuery } from '#shared/http/read-parameters.ts'
import type { RoutedApp1 } from '#shared/http/routed-app.ts'
import { dryRunQuery } from '#shared/job-contract.ts'
import { humanFields, identifyHuman } from '#shared/human/identify-human.ts'
import type { HumanRules } from '#shared/human/human-verifier.ts'
import { bindFields } from '#shared/logger.ts'
import { requireCaller, type AllowedCaller } from './caller.ts'
import { dryRunCreation } from './dry-run.ts'
import { readIdempotencyKey } from './idempotency-key.ts'
import { wantedPassword } from './password-for-app2.ts'
import { provisionUser, type ProvisionUserDeps } from './provision-user.ts'
import { routeServiceUsers } from './service-users.ts'

type AppDeps = BaseDeps &
  ProvisionUserDeps & {
    readonly allowedCallers: readonly AllowedCaller[]
    /** Absent where no issuer of humans' tokens is configured. */
    readonly human?: HumanRules | undefined
    /** Whether App2 has the function that dry runs ask. Absent: it has not. */
    readonly hasDryRuns?: boolean
  }

export function createApp(deps: AppDeps): Hono<AppEnvironment> {
  const app = createBaseApp(deps)
  const routes: RoutedApp1 = app

  const gate = requireCaller(deps.allowedCallers)

  routes.post('/create-service-user', gate, async (c) => {
    const { requestedBy, requestId, deadline, timer, unverifiedHumanToken: token } = c.var
    const isDry = readDryRun(c, deps)
    const idempotencyKey = readIdempotencyKey(c.req.header('idempotency-key'))
    const { username, human_user_id: claimed, password } = await readBody(c, createServiceUserRequest)
    if (!isDry) c.set('write', { idempotencyKey })
    const human = await identifyHuman(deps.human, { token, claimed }, { requestId, deadline, timer })
    const logger = bindFields(c.var.logger, humanFields(human))
    c.set('logger', logger)
    const { humanUserId } = human
    const request = { requestedBy, idempotencyKey, username, humanUserId, password: wantedPassword(password) }
    const context = { requestId, deadline, logger, timer }
    if (isDry) return c.json(await dryRunCreation(request, deps, context), 200)

    return c.json(await provisionUser({ ...request, humanToken: token }, deps, context), 201)
  })

  routeServiceUsers(routes, gate, deps)

  return app
}

/**
 * Whether only a forecast is asked for. Throws `invalid_request` where there are none to be had: to pass over the parameter
 * would create the user, and so would it to pass over one that is misspelt.
 */
function readDryRun(
  c: Context<AppEnvironment, '/create-service-user'>,
  { hasDryRuns }: Pick<AppDeps, 'hasDryRuns'>,
): boolean {
  const isDry = readQuery(c, dryRunQuery).dry_run === 'true'
  if (hasDryRuns === true || c.req.query('dry_run') === undefined) return isDry
  const errors = [{ parameter: 'dry_run', detail: 'is not available in this deployment' }]
  throw new ServiceError('invalid_request', { errors })
}
