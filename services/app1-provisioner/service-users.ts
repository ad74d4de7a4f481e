// App1's routes for the life of a service user: each asks App2 one thing, in the name of the role that asked App1.
import { randomBytes } from 'node:crypto'
import type { Context, MiddlewareHandler } from 'hono'
import { checkPassword } from '#shared/contract.ts'
import {
  deletedUser,
  deletionQuery,
  endedUser,
  listQuery,
  ofMembership,
  ofUser,
  resetPasswordRequest,
  resetUser,
  serviceUser,
  userList,
  type UserPage,
} from '#shared/user-contract.ts'
import type { AppEnvironment } from '#shared/http/app-environment.ts'
import { readBody } from '#shared/http/read-json-body.ts'
import { readPath, readQuery } from '#shared/http/read-parameters.ts'
import type { RoutedApp1 } from '#shared/http/routed-app.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { refusedByPool, type AskCall } from './app2-client.ts'
import { readCursor, refusedCursor, writeCursor } from './list-cursor.ts'
import { beforeApp2 } from './machine/machine.ts'
import { passwordForApp2, wantedPassword } from './password-for-app2.ts'
import type { ProvisionUserDeps } from './provision-user.ts'

/** Every change is repeated safely: it is idempotent by the state of the user. */
export function routeServiceUsers(
  routes: RoutedApp1,
  gate: MiddlewareHandler<AppEnvironment>,
  deps: ProvisionUserDeps,
): void {
  const { app2 } = deps

  routes.get('/service-users', gate, async (c) => {
    const { prefix, limit, cursor } = readQuery(c, listQuery)
    const listedFor = { requestedBy: c.var.requestedBy, prefix }
    const call = await prepare(c, deps)
    const { idempotencySecret: key } = call.machine
    const token = cursor === undefined ? undefined : readCursor(key, cursor, listedFor)
    const { users, pagination_token: next } = await app2.ask(
      '/admin/users/list',
      {
        makeBody: bodyOf({ prefix, limit, pagination_token: token, requested_by: c.var.requestedBy }),
        answer: userList,
        isAsked: (list) => list.users.every(({ username }) => username.startsWith(prefix ?? '')),
        // What App1 has checked, App2 does not refuse: it is the page that Cognito has forgotten.
        ...(token !== undefined && { errors: { invalid_request: refusedCursor } }),
      },
      call,
    )
    const page: UserPage = { users, ...(next !== undefined && { cursor: writeCursor(key, next, listedFor) }) }
    return c.json(page, 200)
  })

  routes.get('/service-users/{username}', gate, async (c) => {
    const user = readPath(c, ofUser)
    const question = { ...about(c, user), answer: serviceUser }
    return c.json(await app2.ask('/admin/users/read', question, await prepare(c, deps)), 200)
  })

  routes.post('/service-users/{username}/disable', gate, async (c) => {
    const question = { ...about(c, readPath(c, ofUser)), answer: endedUser }
    return c.json(await app2.ask('/admin/users/disable', question, await prepareWrite(c, deps)), 200)
  })

  routes.post('/service-users/{username}/enable', gate, async (c) => {
    const question = { ...about(c, readPath(c, ofUser)), answer: serviceUser }
    return c.json(await app2.ask('/admin/users/enable', question, await prepareWrite(c, deps)), 200)
  })

  routes.put('/service-users/{username}/groups/{group}', gate, async (c) => {
    const question = { ...about(c, readPath(c, ofMembership)), answer: serviceUser }
    return c.json(await app2.ask('/admin/users/add-to-group', question, await prepareWrite(c, deps)), 200)
  })

  routes.delete('/service-users/{username}/groups/{group}', gate, async (c) => {
    const question = { ...about(c, readPath(c, ofMembership)), answer: endedUser }
    return c.json(await app2.ask('/admin/users/remove-from-group', question, await prepareWrite(c, deps)), 200)
  })

  routes.delete('/service-users/{username}', gate, async (c) => {
    const user = readPath(c, ofUser)
    const force = readQuery(c, deletionQuery).force === 'true'
    const question = { ...about(c, { ...user, force }), answer: deletedUser }
    return c.json(await app2.ask('/admin/users/delete', question, await prepareWrite(c, deps)), 200)
  })

  routes.post('/service-users/{username}/reset-password', gate, async (c) => {
    const { username } = readPath(c, ofUser)
    const password = wantedPassword((await readBody(c, resetPasswordRequest)).password)
    if (password instanceof SecretValue) checkPassword(password.expose())
    const { requestedBy } = c.var
    const call = await prepareWrite(c, deps)
    const provisioningId = `v1.${randomPart()}.${randomPart()}`
    const boundTo = { purpose: 'latchkey:reset-password', username, provisioningId } as const
    const question = {
      makeBody: async () => ({
        username,
        ...(await passwordForApp2(password, boundTo, deps, call)),
        reset_id: provisioningId,
        requested_by: requestedBy,
      }),
      answer: resetUser,
      isAsked: (user: { readonly username: string }) => user.username === username,
      errors: { weak_password: refusedByPool },
    }
    return c.json(await app2.ask('/admin/users/reset-password', question, call), 200)
  })
}

type C = Pick<Context<AppEnvironment>, 'var' | 'set'>

/** The machine as its secret has it now, to ask App2 with. */
async function prepare(c: C, { machine }: Pick<ProvisionUserDeps, 'machine'>): Promise<AskCall> {
  const { requestId, deadline, timer } = c.var
  const current = await beforeApp2(c.var, 'secret_ms', () => machine.current(deadline))
  return { machine: current, requestId, deadline, timer }
}

/** From here on a failure says what became of the change. */
async function prepareWrite(c: C, deps: Pick<ProvisionUserDeps, 'machine'>): Promise<AskCall> {
  c.set('write', {})
  return prepare(c, deps)
}

/** A question about one user, in the name of the caller. */
function about<Fields extends { readonly username: string }>(c: C, fields: Fields) {
  return {
    makeBody: bodyOf({ ...fields, requested_by: c.var.requestedBy }),
    isAsked: ({ username }: { readonly username: string }) => username === fields.username,
  }
}

function bodyOf<Body>(body: Body): () => Promise<Body> {
  return () => Promise.resolve(body)
}

/** Of the id of a reset, which nobody recognises again: it tells nothing of the password. */
function randomPart(): string {
  return randomBytes(16).toString('base64url')
}
