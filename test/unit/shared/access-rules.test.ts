import { describe, expect, it } from 'vitest'
import { accessRules, findAccessRule, knownGroups, opens, routesOpenTo } from '../../../shared/access-rules.ts'
import type { ClientKind, Identity } from '../../../shared/access-rules.ts'

const identity = (client: ClientKind, ...groups: string[]): Identity => ({ client, groups })
const pathsOpenTo = (who: Identity): string[] => routesOpenTo(who).map(({ method, path }) => `${method} ${path}`)

describe('the access table', () => {
  it('is these three rows', () => {
    expect(accessRules).toEqual([
      { method: 'POST', path: '/admin/create-user', access: { group: 'api-client', client: 'machine' } },
      { method: 'POST', path: '/sample', access: { group: 'service-user', client: 'service' } },
      { method: 'GET', path: '/health', access: 'public' },
    ])
  })

  it('has one row for a method and path, and no pattern', () => {
    const routes = accessRules.map(({ method, path }) => `${method} ${path}`)

    expect(new Set(routes).size).toBe(routes.length)
    expect(routes.filter((route) => !/^(GET|POST) (\/[a-z-]+)+$/.test(route))).toEqual([])
  })

  it('knows the groups that open something', () => {
    expect(knownGroups).toEqual(['api-client', 'service-user'])
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
    ['POST', '/%73ample'],
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

  it('needs both the group and the client of the row', () => {
    expect(opens(createUser, identity('machine', 'api-client'))).toBe(true)
    expect(opens(createUser, identity('service', 'api-client'))).toBe(false)
    expect(opens(createUser, identity('machine', 'service-user'))).toBe(false)
    expect(opens(sample, identity('service', 'service-user'))).toBe(true)
    expect(opens(sample, identity('machine', 'service-user'))).toBe(false)
    expect(opens(sample, identity('service', 'api-client'))).toBe(false)
  })

  it('a public route is open to everybody', () => {
    expect(opens(health, identity('service'))).toBe(true)
  })
})

describe('routesOpenTo', () => {
  it('lists every gated route of the identity, and no public one', () => {
    expect(pathsOpenTo(identity('machine', 'api-client'))).toEqual(['POST /admin/create-user'])
    expect(pathsOpenTo(identity('service', 'other', 'service-user'))).toEqual(['POST /sample'])
  })

  it('both groups open only what the client may use', () => {
    expect(pathsOpenTo(identity('machine', 'api-client', 'service-user'))).toEqual(['POST /admin/create-user'])
    expect(pathsOpenTo(identity('service', 'api-client', 'service-user'))).toEqual(['POST /sample'])
  })

  it.each([
    'API-CLIENT',
    'api-client ',
    ' api-client',
    'api-client,service-user',
    'api-client service-user',
    'аpi-client',
    '',
  ])('the group %j opens nothing', (group) => {
    expect(pathsOpenTo(identity('machine', group))).toEqual([])
  })

  it('no group opens nothing', () => {
    expect(pathsOpenTo(identity('machine'))).toEqual([])
    expect(pathsOpenTo(identity('service'))).toEqual([])
  })
})
