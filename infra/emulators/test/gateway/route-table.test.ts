import { describe, expect, it } from 'vitest'
import { createHttpRouteTable } from '../../gateway/http-route-table.ts'
import { createRouteTable } from '../../gateway/route-table.ts'

const sample = { method: 'POST', path: '/sample' }

describe('createRouteTable', () => {
  it('a request finds the route of its method and path, and its query does not matter', () => {
    const find = createRouteTable([sample, { method: 'GET', path: '/sample' }])

    expect(find({ method: 'POST', target: '/sample?x=/other' })).toBe(sample)
  })

  it('one slash behind a path is forgiven, and two are not', () => {
    const find = createRouteTable([sample])

    expect(find({ method: 'POST', target: '/sample/' })).toBe(sample)
    expect(find({ method: 'POST', target: '/sample/?x=/' })).toBe(sample)
    expect(find({ method: 'POST', target: '/sample//' })).toBeUndefined()
  })

  it.each(['ANY', 'HEAD', 'OPTIONS', 'post', '*', ''])('the method %j is not an explicit one', (method) => {
    expect(() => createRouteTable([{ method, path: '/sample' }])).toThrow('is not an explicit route')
  })

  it.each(['', '/', 'sample', '/sample/', '/{proxy+}', '/{id}', '/a//b', '/a?b', '/%61', '/a.b', '/*'])(
    'the path %j is not an explicit one',
    (path) => {
      expect(() => createRouteTable([{ method: 'GET', path }])).toThrow(`GET ${path} is not an explicit route`)
    },
  )

  it('a route that is there twice is refused', () => {
    expect(() => createRouteTable([sample, { ...sample }])).toThrow('POST /sample is there twice')
  })
})

describe('createHttpRouteTable', () => {
  const disable = { method: 'POST', path: '/pets/{pet}/disable' }
  const anyPet = { method: 'GET', path: '/pets/{pet}' }
  const newest = { method: 'GET', path: '/pets/newest' }
  const toys = { method: 'PUT', path: '/pets/{pet}/toys/{toy}' }
  const find = createHttpRouteTable([toys, anyPet, newest, disable])

  it.each([
    ['GET', '/pets/6?x=/other', anyPet, { pet: '6' }, '/pets/6'],
    ['POST', '/pets/disable/disable', disable, { pet: 'disable' }, '/pets/disable/disable'],
    ['PUT', '/pets/6/toys/ball', toys, { pet: '6', toy: 'ball' }, '/pets/6/toys/ball'],
    // A name goes before a parameter, whichever was declared first.
    ['GET', '/pets/newest', newest, {}, '/pets/newest'],
    ['GET', '/pets/new%65st', newest, {}, '/pets/newest'],
    ['GET', '/pets/ada%40example.com', anyPet, { pet: 'ada@example.com' }, '/pets/ada@example.com'],
    ['GET', '/pets/a%20%CE%BB+%23', anyPet, { pet: 'a λ+#' }, '/pets/a λ+#'],
    // Decoded twice; what is a slash after the first time divides segments.
    ['GET', '/pets/a%252Fb', anyPet, { pet: 'a/b' }, '/pets/a/b'],
    ['GET', '/pets/a%2525b', anyPet, { pet: 'a%b' }, '/pets/a%b'],
    ['POST', '/pets/6%2Fdisable', disable, { pet: '6' }, '/pets/6/disable'],
    // The path ends at what is a question mark after the first time.
    ['GET', '/pets/a%3Fb', anyPet, { pet: 'a' }, '/pets/a'],
    ['GET', '/pets/a%253Fb', anyPet, { pet: 'a?b' }, '/pets/a?b'],
    ['GET', '/pets/a%3Fb/disable', anyPet, { pet: 'a' }, '/pets/a'],
  ])('%s %s is found, with its parameters decoded', (method, target, route, pathParameters, path) => {
    expect(find({ method, target })).toEqual({ ok: true, route, pathParameters, path })
  })

  it.each([
    ['DELETE', '/pets/6'],
    ['POST', '/pets/newest'],
    ['GET', '/pets'],
    ['GET', '/pets/'],
    ['GET', '/pets/6/'],
    ['GET', '//6'],
    ['GET', 'x/pets/6'],
    ['POST', '/pets//disable'],
    ['GET', '/pets/..'],
    ['POST', '/pets/./disable'],
    ['POST', '/pets/%2e%2e/disable'],
    ['GET', '/pets/a%2Fb'],
    ['GET', '/Pets/6'],
    ['GET', '*'],
  ])('%s %s finds nothing', (method, target) => {
    expect(find({ method, target })).toEqual({ ok: false, status: 404 })
  })

  it.each(['/pets/%', '/pets/%zz', '/pets/%ff', '/pets/%25done', '/x%25done'])('%s cannot be decoded', (target) => {
    expect(find({ method: 'GET', target })).toEqual({ ok: false, status: 400 })
  })

  it.each(['/pets/{pet+}', '/pets/{pet}x', '/pets/{}', '/pets/{p-t}', '/pets/', '', '/', '/a.b'])(
    'the path %j is not an explicit one',
    (path) => {
      expect(() => createHttpRouteTable([{ method: 'GET', path }])).toThrow(`GET ${path} is not an explicit route`)
    },
  )

  it('a route is refused that is ANY, has a parameter twice or differs from another in names of parameters alone', () => {
    const make = (...paths: string[]) => createHttpRouteTable(paths.map((path) => ({ method: 'GET', path })))

    expect(() => createHttpRouteTable([{ method: 'ANY', path: '/pets' }])).toThrow('ANY /pets is not an explicit route')
    expect(() => make('/pets/{id}/toys/{id}')).toThrow('GET /pets/{id}/toys/{id} has a parameter twice')
    expect(() => make('/pets/{id}', '/pets/{pet}')).toThrow('GET /pets/{pet} is there twice')
  })
})
