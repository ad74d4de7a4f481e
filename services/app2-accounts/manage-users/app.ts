// The routes of App2's manage-users function: the caller's second check, the request's form, the answer's form.
import type { Context, Hono } from 'hono'
import type * as z from 'zod/mini'
import {
  deletionRequest,
  listRequest,
  membershipRequest,
  passwordRequest,
  userRequest,
  type PasswordRequest,
} from '#shared/user-contract.ts'
import type { AppEnvironment, CallerReader } from '#shared/http/app-environment.ts'
import { createBaseApp, type BaseDeps } from '#shared/http/create-base-app.ts'
import { readBody } from '#shared/http/read-json-body.ts'
import { requireAccess } from '#shared/http/require-access.ts'
import type { BodyPath, BodySchema, RoutedApp2 } from '#shared/http/routed-app.ts'
import { bindFields } from '#shared/logger.ts'
import {
  addToGroup,
  deleteUser,
  disableUser,
  enableUser,
  listUsers,
  readUser,
  removeFromGroup,
  resetPassword,
  type ManageUsersDeps,
} from './manage-users.ts'

type AppDeps = BaseDeps & ManageUsersDeps & { readonly readCaller: CallerReader }

export function createApp(deps: AppDeps): Hono<AppEnvironment> {
  const app = createBaseApp(deps)
  const routes: RoutedApp2 = app
  const gate = requireAccess(deps.readCaller)

  routes.post('/admin/users/read', gate, async (c) =>
    c.json(await readUser(await readRequest(c, userRequest), deps, c.var), 200),
  )
  routes.post('/admin/users/list', gate, async (c) =>
    c.json(await listUsers(await readRequest(c, listRequest), deps, c.var), 200),
  )
  routes.post('/admin/users/disable', gate, async (c) =>
    c.json(await disableUser(await readChange(c, userRequest), deps, c.var), 200),
  )
  routes.post('/admin/users/enable', gate, async (c) =>
    c.json(await enableUser(await readChange(c, userRequest), deps, c.var), 200),
  )
  routes.post('/admin/users/reset-password', gate, async (c) =>
    c.json(await resetPassword(await readReset(c), deps, c.var), 200),
  )
  routes.post('/admin/users/add-to-group', gate, async (c) =>
    c.json(await addToGroup(await readChange(c, membershipRequest), deps, c.var), 200),
  )
  routes.post('/admin/users/remove-from-group', gate, async (c) =>
    c.json(await removeFromGroup(await readChange(c, membershipRequest), deps, c.var), 200),
  )
  routes.post('/admin/users/delete', gate, async (c) =>
    c.json(await deleteUser(await readChange(c, deletionRequest), deps, c.var), 200),
  )

  return app
}

type Asked = { readonly requested_by: string }
type Routed<P extends BodyPath> = Context<AppEnvironment, P>

/** The body; from here on every line of the request says who asked for what. */
async function readRequest<P extends BodyPath, Schema extends z.ZodMiniType<Asked>>(
  c: Routed<P>,
  schema: Schema & BodySchema<P>,
): Promise<z.output<Schema>> {
  const body = await readBody<P, Schema>(c, schema)
  const operation = c.req.path.replace(/^.*\//, '')
  c.set('logger', bindFields(c.var.logger, { requested_by: body.requested_by, operation }))
  return body
}

/** As `readRequest`; from here on a failure says what became of the change. */
async function readChange<P extends BodyPath, Schema extends z.ZodMiniType<Asked>>(
  c: Routed<P>,
  schema: Schema & BodySchema<P>,
): Promise<z.output<Schema>> {
  const body = await readRequest<P, Schema>(c, schema)
  c.set('write', {})
  return body
}

/** From here on every line says who may read the password. */
async function readReset(c: Routed<'/admin/users/reset-password'>): Promise<PasswordRequest> {
  const body = await readChange(c, passwordRequest)
  c.set('logger', bindFields(c.var.logger, { password_reader: body.deliver_to }))
  return body
}
