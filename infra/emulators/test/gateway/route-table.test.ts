import { describe, expect, it } from 'vitest'
import { createRouteTable } from '../../gateway/route-table.ts'

const sample = { method: 'POST', path: '/sample' }
const exact = { forgivesSlash: false }

describe('createRouteTable', () => {
  it('a request finds the route of its method and path, and its query does not matter', () => {
    const find = createRouteTable([sample, { method: 'GET', path: '/sample' }], exact)

    expect(find({ method: 'POST', target: '/sample?x=/other' })).toBe(sample)
  })

  it('one slash behind a path is forgiven where it is asked for, and two are not', () => {
    const find = createRouteTable([sample], { forgivesSlash: true })

    expect(find({ method: 'POST', target: '/sample/' })).toBe(sample)
    expect(find({ method: 'POST', target: '/sample/?x=/' })).toBe(sample)
    expect(find({ method: 'POST', target: '/sample//' })).toBeUndefined()
    expect(createRouteTable([sample], exact)({ method: 'POST', target: '/sample/' })).toBeUndefined()
  })

  it.each(['ANY', 'HEAD', 'OPTIONS', 'post', '*', ''])('the method %j is not an explicit one', (method) => {
    expect(() => createRouteTable([{ method, path: '/sample' }], exact)).toThrow('is not an explicit route')
  })

  it.each(['', '/', 'sample', '/sample/', '/{proxy+}', '/a//b', '/a?b', '/%61', '/a.b', '/*'])(
    'the path %j is not an explicit one',
    (path) => {
      expect(() => createRouteTable([{ method: 'GET', path }], exact)).toThrow(`GET ${path} is not an explicit route`)
    },
  )

  it('a route that is there twice is refused', () => {
    expect(() => createRouteTable([sample, { ...sample }], exact)).toThrow('POST /sample is there twice')
  })
})
