import { describe, expect, it } from 'vitest'
import {
  accessRules,
  app1Rules,
  findAccessRule,
  knownGroups,
  knownScopes,
  opens,
  routesOpenTo,
  type ClientKind,
  type Identity,
} from '#shared/access-rules.ts'

const user = (client: ClientKind, ...groups: string[]): Identity => ({ kind: 'user', client, groups })
const machine = (client: ClientKind, ...scopes: string[]): Identity => ({ kind: 'machine', client, scopes })
const provisioner: Identity = { kind: 'principal', principal: 'provisioner' }
const pathsOpenTo = (who: Identity): string[] => routesOpenTo(who).map(({ method, path }) => `${method} ${path}`)

describe('the access table', () => {
  it('is these three rows', () => {
    expect(accessRules).toEqual([
      {
        method: 'POST',
        path: '/admin/create-user',
        access: { client: 'machine', group: 'api-client', scope: 'app2/users.create', principal: 'provisioner' },
      },
      {
        method: 'POST',
        path: '/sample',
        access: { client: 'service', group: 'service-user', scope: 'app2/sample.call' },
      },
      { method: 'GET', path: '/health', access: 'public' },
    ])
  })

  it('is two rows for App1', () => {
    expect(app1Rules).toEqual([
      { method: 'POST', path: '/create-service-user', access: 'allowed-caller' },
      { method: 'GET', path: '/health', access: 'signed' },
    ])
  })

  it('has one row for a method and path, and no pattern', () => {
    const routes = accessRules.map(({ method, path }) => `${method} ${path}`)

    expect(new Set(routes).size).toBe(routes.length)
    expect(routes.filter((route) => !/^(GET|POST) (\/[a-z-]+)+$/.test(route))).toEqual([])
  })

  it('knows the groups and scopes that open something, and no name is both', () => {
    expect(knownGroups).toEqual(['api-client', 'service-user'])
    expect(knownScopes).toEqual(['app2/users.create', 'app2/sample.call'])
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
  const [createUser, sample, health] = accessRules

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
  it('lists every gated route of the identity, and no public one', () => {
    expect(pathsOpenTo(user('machine', 'api-client'))).toEqual(['POST /admin/create-user'])
    expect(pathsOpenTo(user('service', 'other', 'service-user'))).toEqual(['POST /sample'])
    expect(pathsOpenTo(machine('machine', 'other', 'app2/users.create'))).toEqual(['POST /admin/create-user'])
    expect(pathsOpenTo(machine('service', 'app2/sample.call'))).toEqual(['POST /sample'])
    expect(pathsOpenTo(provisioner)).toEqual(['POST /admin/create-user'])
  })

  it('all groups, or all scopes, open only what the client may use', () => {
    expect(pathsOpenTo(user('machine', ...knownGroups))).toEqual(['POST /admin/create-user'])
    expect(pathsOpenTo(user('service', ...knownGroups))).toEqual(['POST /sample'])
    expect(pathsOpenTo(machine('machine', ...knownScopes))).toEqual(['POST /admin/create-user'])
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
