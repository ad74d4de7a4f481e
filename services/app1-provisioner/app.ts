// App1's routes: who may ask, for what, and how the answer is worded. The work is provision-user.ts and service-users.ts.
import type { Hono } from 'hono'
import { createServiceUserRequest } from '#shared/contract.ts'
import type { AppEnvironment } from '#shared/http/app-environment.ts'
import { createBaseApp, type BaseDeps } from '#shared/http/create-base-app.ts'
import { readBody } from '#shared/http/read-json-body.ts'
import type { RoutedApp1 } from '#shared/http/routed-app.ts'
import { bindFields } from '#shared/logger.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { requireCaller, type AllowedCaller } from './caller.ts'
import { readIdempotencyKey } from './idempotency-key.ts'
import { provisionUser, type ProvisionUserDeps } from './provision-user.ts'
import { routeServiceUsers } from './service-users.ts'

type AppDeps = BaseDeps & ProvisionUserDeps & { readonly allowedCallers: readonly AllowedCaller[] }

export function createApp(deps: AppDeps): Hono<AppEnvironment> {
  const app = createBaseApp(deps)
  const routes: RoutedApp1 = app

  const gate = requireCaller(deps.allowedCallers)

  routes.post('/create-service-user', gate, async (c) => {
    const { requestedBy } = c.var
    const idempotencyKey = readIdempotencyKey(c.req.header('idempotency-key'))
    const body = await readBody(c, createServiceUserRequest)
    const logger = bindFields(c.var.logger, { human_user_id: body.human_user_id })
    c.set('logger', logger)
    c.set('write', { idempotencyKey })

    const user = await provisionUser(
      {
        requestedBy,
        idempotencyKey,
        username: body.username,
        humanUserId: body.human_user_id,
        password: new SecretValue(body.password),
      },
      deps,
      { requestId: c.var.requestId, deadline: c.var.deadline, logger, timer: c.var.timer },
    )

    return c.json(user, 201)
  })

  routeServiceUsers(routes, gate, deps)

  return app
}
