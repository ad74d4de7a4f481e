// The route of App2's check-users function: the caller's second check, the request's form, the answer's form.
import type { Hono } from 'hono'
import type { AppEnvironment, CallerReader } from '#shared/http/app-environment.ts'
import { createBaseApp, type BaseDeps } from '#shared/http/create-base-app.ts'
import { readBody } from '#shared/http/read-json-body.ts'
import { requireAccess } from '#shared/http/require-access.ts'
import type { RoutedApp2 } from '#shared/http/routed-app.ts'
import { checkUsersRequest } from '#shared/job-contract.ts'
import { bindFields } from '#shared/logger.ts'
import { checkUsers, type CheckUsersDeps } from './check-users.ts'

type AppDeps = BaseDeps & CheckUsersDeps & { readonly readCaller: CallerReader }

export function createApp(deps: AppDeps): Hono<AppEnvironment> {
  const app = createBaseApp(deps)
  const routes: RoutedApp2 = app

  routes.post('/admin/check-users', requireAccess(deps.readCaller), async (c) => {
    const body = await readBody(c, checkUsersRequest)
    const logger = bindFields(c.var.logger, { requested_by: body.requested_by })
    c.set('logger', logger)
    const { deadline, timer } = c.var
    return c.json(await checkUsers(body, deps, { deadline, logger, timer }), 200)
  })

  return app
}
