import { describe, expect, it } from 'vitest'
import {
  accessRules,
  app1Rules,
  findAccessRule,
  knownGroups,
  knownScopes,
  machineGroups,
  opens,
  permissions,
  routesOpenTo,
  type AccessRule,
  type ClientKind,
  type Identity,
} from '#shared/access-rules.ts'

import { serviceGroups } from '#shared/user-contract.ts'

const user = (client: ClientKind, ...groups: string[]): Identity => ({ kind: 'user', client, groups })
const machine = (client: ClientKind, ...scopes: string[]): Identity => ({ kind: 'machine', client, scopes })
const provisioner: Identity = { kind: 'principal', principal: 'provisioner' }
const pathsOpenTo = (who: Identity): string[] => routesOpenTo(who).map(({ method, path }) => `${method} ${path}`)

describe('the access table', () => {
  const manages = (path: string, scope: string) => ({
    method: 'POST',
    path: `/admin/users/${path}`,
    access: { client: 'machine', group: 'api-admin', scope, principal: 'provisioner' },
  })

  it('is these rows', () => {
    expect(accessRules).toEqual([
      {
        method: 'POST',
        path: '/admin/create-user',
        access: { client: 'machine', group: 'api-client', scope: 'app2/users.create', principal: 'provisioner' },
      },
      {
        method: 'POST',
        path: '/admin/check-users',
        access: { client: 'machine', group: 'api-client', scope: 'app2/users.create', principal: 'provisioner' },
      },
      manages('read', 'app2/users.read'),
      manages('list', 'app2/users.read'),
      manages('disable', 'app2/users.write'),
      manages('enable', 'app2/users.write'),
      manages('reset-password', 'app2/users.write'),
      manages('add-to-group', 'app2/users.write'),
      manages('remove-from-group', 'app2/users.write'),
      manages('delete', 'app2/users.delete'),
      {
        method: 'POST',
        path: '/sample',
        access: { client: 'service', group: 'service-user', scope: 'app2/sample.call' },
      },
      { method: 'GET', path: '/health', access: 'public' },
    ])
  })

  it('is these rows for App1', () => {
    const user = '/service-users/{username}'
    expect(app1Rules).toEqual([
      { method: 'POST', path: '/create-service-user', access: 'create' },
      { method: 'GET', path: '/service-users', access: 'read' },
      { method: 'GET', path: user, access: 'read' },
      { method: 'POST', path: `${user}/disable`, access: 'write' },
      { method: 'POST', path: `${user}/enable`, access: 'write' },
      { method: 'POST', path: `${user}/reset-password`, access: 'write' },
      { method: 'PUT', path: `${user}/groups/{group}`, access: 'write' },
      { method: 'DELETE', path: `${user}/groups/{group}`, access: 'write' },
      { method: 'DELETE', path: user, access: 'delete' },
      { method: 'POST', path: '/jobs', access: 'create' },
      { method: 'GET', path: '/jobs/{id}', access: 'create' },
      { method: 'GET', path: '/jobs/{id}/rows', access: 'create' },
      { method: 'POST', path: '/jobs/{id}/cancel', access: 'create' },
      { method: 'GET', path: '/health', access: 'signed' },
    ])
    expect(permissions).toEqual(['create', 'read', 'write', 'delete'])
  })

  it('has one row for a method and path, and no pattern', () => {
    const routes = accessRules.map(({ method, path }) => `${method} ${path}`)

    expect(new Set(routes).size).toBe(routes.length)
    expect(routes.filter((route) => !/^(GET|POST) (\/[a-z-]+)+$/.test(route))).toEqual([])
  })

  it('knows the groups and scopes that open something, and no name is both', () => {
    expect(knownGroups).toEqual(['api-client', 'api-admin', 'service-user'])
    expect(machineGroups).toEqual(['api-client', 'api-admin'])
    expect(knownGroups.filter((group) => !machineGroups.includes(group))).toEqual(serviceGroups)
    expect(knownScopes).toEqual([
      ...['app2/users.create', 'app2/users.read', 'app2/users.write', 'app2/users.delete', 'app2/sample.call'],
    ])
  })
})

describe('findAccessRule', () => {
  it.each(accessRules)('finds $method $path', (rule) => {
    expect(findAccessRule(rule.method, rule.path)).toBe(rule)
  })

  it.each([
    ['GET', '/sample'],
    ['post', '/sample'],
    ['POST', '/sample/'],
    ['POST', '/Sample'],
    ['POST', 'sample'],
    ['POST', '/samples'],
    ['POST', '/x/../sample'],
    ['POST', '/admin'],
    ['POST', '/admin/create-user/x'],
    ['HEAD', '/health'],
    ['', ''],
  ])('finds nothing for %s %s: the route is closed', (method, path) => {
    expect(findAccessRule(method, path)).toBeUndefined()
  })
})

describe('opens', () => {
  const rule = (method: string, path: string): AccessRule => findAccessRule(method, path) ?? expect.fail()
  const createUser = rule('POST', '/admin/create-user')
  const sample = rule('POST', '/sample')
  const health = rule('GET', '/health')

  it('for a user needs both the group and the client of the row', () => {
    expect(opens(createUser, user('machine', 'api-client'))).toBe(true)
    expect(opens(createUser, user('service', 'api-client'))).toBe(false)
    expect(opens(createUser, user('machine', 'service-user'))).toBe(false)
    expect(opens(sample, user('service', 'service-user'))).toBe(true)
    expect(opens(sample, user('machine', 'service-user'))).toBe(false)
    expect(opens(sample, user('service', 'api-client'))).toBe(false)
  })

  it('for a machine needs both the scope and the client of the row', () => {
    expect(opens(createUser, machine('machine', 'app2/users.create'))).toBe(true)
    expect(opens(createUser, machine('service', 'app2/users.create'))).toBe(false)
    expect(opens(createUser, machine('machine', 'app2/sample.call'))).toBe(false)
    expect(opens(sample, machine('service', 'app2/sample.call'))).toBe(true)
    expect(opens(sample, machine('machine', 'app2/sample.call'))).toBe(false)
    expect(opens(sample, machine('service', 'app2/users.create'))).toBe(false)
  })

  it('for a principal needs the row to name it', () => {
    expect(opens(createUser, provisioner)).toBe(true)
    expect(opens(sample, provisioner)).toBe(false)
  })

  it('a token that is bound to a creation opens the route of creations alone', () => {
    const bound = { ...provisioner, boundTo: { bodySha256: 'x', provisioningId: 'y' } }

    expect(routesOpenTo(bound).map(({ path }) => path)).toEqual(['/admin/create-user'])
    expect(routesOpenTo(provisioner).length).toBeGreaterThan(1)
  })

  it('a scope as a group and a group as a scope open nothing', () => {
    expect(opens(createUser, user('machine', 'app2/users.create'))).toBe(false)
    expect(opens(createUser, machine('machine', 'api-client'))).toBe(false)
  })

  it('a public route is open to everybody', () => {
    expect(opens(health, user('service'))).toBe(true)
    expect(opens(health, machine('service'))).toBe(true)
    expect(opens(health, provisioner)).toBe(true)
  })
})

describe('routesOpenTo', () => {
  const read = ['POST /admin/users/read', 'POST /admin/users/list']
  const write = ['disable', 'enable', 'reset-password', 'add-to-group', 'remove-from-group'].map(
    (name) => `POST /admin/users/${name}`,
  )
  const manage = [...read, ...write, 'POST /admin/users/delete']
  const create = ['POST /admin/create-user', 'POST /admin/check-users']

  it('lists every gated route of the identity, and no public one', () => {
    expect(pathsOpenTo(user('machine', 'api-client'))).toEqual(create)
    expect(pathsOpenTo(user('machine', 'api-admin'))).toEqual(manage)
    expect(pathsOpenTo(user('service', 'other', 'service-user'))).toEqual(['POST /sample'])
    expect(pathsOpenTo(machine('machine', 'other', 'app2/users.create'))).toEqual(create)
    expect(pathsOpenTo(machine('machine', 'app2/users.read'))).toEqual(read)
    expect(pathsOpenTo(machine('machine', 'app2/users.write'))).toEqual(write)
    expect(pathsOpenTo(machine('machine', 'app2/users.delete'))).toEqual(['POST /admin/users/delete'])
    expect(pathsOpenTo(machine('service', 'app2/sample.call'))).toEqual(['POST /sample'])
    expect(pathsOpenTo(provisioner)).toEqual([...create, ...manage])
  })

  it('all groups, or all scopes, open only what the client may use', () => {
    expect(pathsOpenTo(user('machine', ...knownGroups))).toEqual([...create, ...manage])
    expect(pathsOpenTo(user('service', ...knownGroups))).toEqual(['POST /sample'])
    expect(pathsOpenTo(machine('machine', ...knownScopes))).toEqual([...create, ...manage])
    expect(pathsOpenTo(machine('service', ...knownScopes))).toEqual(['POST /sample'])
  })

  it.each([
    ...['API-CLIENT', 'api-client ', ' api-client', 'api-client,service-user', 'api-client service-user'],
    ...['аpi-client', ''],
  ])('the group %j opens nothing', (group) => {
    expect(pathsOpenTo(user('machine', group))).toEqual([])
  })

  it.each([
    ...['APP2/users.create', 'app2/users.create ', 'app2/users.create.all', 'app2/users', 'app2/*', 'app2'],
    ...['app3/users.create', 'users.create', 'app2/users.create,app2/sample.call', ''],
  ])('the scope %j opens nothing', (scope) => {
    expect(pathsOpenTo(machine('machine', scope))).toEqual([])
    expect(pathsOpenTo(machine('service', scope))).toEqual([])
  })

  it('neither group nor scope opens nothing', () => {
    expect(pathsOpenTo(user('machine'))).toEqual([])
    expect(pathsOpenTo(machine('service'))).toEqual([])
  })
})
