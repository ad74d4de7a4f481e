import { describe, expect, it } from 'vitest'
import { createApp as createApp1 } from '#services/app1-provisioner/app.ts'
import { createApp as createCheckUsers } from '#services/app2-accounts/check-users/app.ts'
import type { CheckUsersDeps } from '#services/app2-accounts/check-users/check-users.ts'
import type { AcceptJobDeps } from '#services/app1-provisioner/jobs/accept-job.ts'
import { createApp as createJobs } from '#services/app1-provisioner/jobs/app.ts'
import { createApp as createCreateUser } from '#services/app2-accounts/create-user/app.ts'
import type { CreateUserDeps } from '#services/app2-accounts/create-user/create-user.ts'
import { createApp as createManageUsers } from '#services/app2-accounts/manage-users/app.ts'
import type { ManageUsersDeps } from '#services/app2-accounts/manage-users/manage-users.ts'
import { createApp as createSample } from '#services/app2-accounts/sample/app.ts'
import { createUserRequest, longerBodies, longestBodyOf } from '#shared/contract.ts'
import { createBaseApp } from '#shared/http/create-base-app.ts'
import { readBody } from '#shared/http/read-json-body.ts'
import type { RoutedApp1, RoutedApp2 } from '#shared/http/routed-app.ts'
import { routes } from '#shared/routes.ts'
import { failingApp2 } from '#test/support/fake-app2.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { fakeMachine } from '#test/support/machine-secrets.ts'

const base = { now: Date.now, logger: recordingLogger(), readCaller: () => undefined }
const apps = {
  'app1-provisioner': createApp1({
    ...base,
    allowedCallers: [],
    machine: fakeMachine(),
    sealer: { seal: () => Promise.reject(new Error()) },
    app2: failingApp2(new Error()),
  }),
  // Only looked at, never called.
  jobs: createJobs({
    ...base,
    ...({} as AcceptJobDeps),
    allowedCallers: [],
    passwordReaders: [],
    app2: failingApp2(new Error()),
    machine: fakeMachine(),
  }),
  'create-user': createCreateUser({ ...base, ...({} as CreateUserDeps) }),
  'check-users': createCheckUsers({ ...base, ...({} as CheckUsersDeps) }),
  'manage-users': createManageUsers({ ...base, ...({} as ManageUsersDeps) }),
  sample: createSample(base),
}

const servedBy = (name: keyof typeof apps): string[] => [
  ...new Set(apps[name].routes.map(({ method, path }) => `${method} ${path}`).filter((route) => route !== 'ALL /*')),
]
const health = 'GET /health'
const namesOf = (rows: readonly { readonly method: string; readonly path: string }[]): string[] =>
  rows.map(({ method, path }) => `${method} ${path}`)

describe('the table of routes', () => {
  it.each(['app1-provisioner', 'jobs'] as const)(
    'App1’s %s serves each of its rows, its health, and nothing else',
    (name) => {
      const rows = namesOf(routes.app1.filter((route) => (route.function ?? 'app1-provisioner') === name))

      expect(servedBy(name).toSorted()).toEqual([...new Set([...rows, health])].toSorted())
    },
  )

  it('says of each route how long a body it reads', () => {
    const rows = [...routes.app1, ...routes.app2]

    for (const { method, path, longestBodyBytes = 16_384 } of rows) {
      expect(longestBodyOf(method, path)).toBe(longestBodyBytes)
    }
    expect(rows.filter((row) => row.longestBodyBytes !== undefined)).toHaveLength(Object.keys(longerBodies).length)
  })

  it.each(['create-user', 'check-users', 'manage-users', 'sample'] as const)(
    'App2’s %s serves each of its rows, its health, and nothing else',
    (name) => {
      const rows = namesOf(routes.app2.filter((route) => route.function === name))

      expect(servedBy(name).toSorted()).toEqual([...new Set([...rows, health])].toSorted())
    },
  )
})

it('the limits of bodies are those of the table', () => {
  const limited = [...routes.app1, ...routes.app2].flatMap(({ method, path, longestBodyBytes: limit }) =>
    limit === undefined ? [] : [[`${method} ${path}`, limit]],
  )

  expect(longerBodies).toEqual(Object.fromEntries(limited))
})

const gate = (): Promise<void> => Promise.resolve()
const sampled = { message: '', request_id: '', processed_by: '', processed_at: '' }

/** `npm run types` fails where one of these compiles. */
export function notToCompile(app1: RoutedApp1 = createBaseApp(base), app2: RoutedApp2 = createBaseApp(base)): void {
  // @ts-expect-error a route that the table has not
  app2.post('/samples', gate, (c) => Promise.resolve(c.json(sampled, 200)))
  // @ts-expect-error a route of the other app
  app1.post('/sample', gate, (c) => Promise.resolve(c.json(sampled, 200)))
  // @ts-expect-error no gate in front of it
  app2.post('/sample', (c) => Promise.resolve(c.json(sampled, 200)))
  // @ts-expect-error another status
  app2.post('/sample', gate, (c) => Promise.resolve(c.json(sampled, 201)))
  // @ts-expect-error another answer
  app2.post('/sample', gate, (c) => Promise.resolve(c.json({ message: '' }, 200)))
  app2.post('/sample', gate, async (c) => {
    // @ts-expect-error another route's schema
    await readBody(c, createUserRequest)
    return c.json(sampled, 200)
  })
}
