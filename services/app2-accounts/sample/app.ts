// The routes of App2's sample function: what a service user may call. It has no AWS permission and needs none.
import type { Hono } from 'hono'
import { sampleRequest, type SampleResponse } from '#shared/contract.ts'
import type { AppEnvironment, CallerReader } from '#shared/http/app-environment.ts'
import { createBaseApp, type BaseDeps } from '#shared/http/create-base-app.ts'
import { readBody } from '#shared/http/read-json-body.ts'
import { requireAccess } from '#shared/http/require-access.ts'
import type { RoutedApp2 } from '#shared/http/routed-app.ts'

export function createApp(deps: BaseDeps & { readonly readCaller: CallerReader }): Hono<AppEnvironment> {
  const app = createBaseApp(deps)
  const routes: RoutedApp2 = app

  routes.post('/sample', requireAccess(deps.readCaller), async (c) => {
    const { data } = await readBody(c, sampleRequest)
    const { sub } = c.var.caller
    c.var.logger.info('sample processed', { sub })
    const answer: SampleResponse = {
      message: 'Processed',
      request_id: data.request_id,
      processed_by: sub,
      processed_at: new Date(deps.now()).toISOString(),
    }
    return c.json(answer, 200)
  })

  return app
}
