import { describe, expect, it } from 'vitest'
import { createRouteTable } from '../../../../../infra/local/gateway/route-table.ts'

const sample = { method: 'POST', path: '/sample' }

describe('createRouteTable', () => {
  it('a request finds the route of its method and path, and its query does not matter', () => {
    const find = createRouteTable([sample, { method: 'GET', path: '/sample' }])

    expect(find({ method: 'POST', target: '/sample?x=/other' })).toBe(sample)
  })

  it.each(['ANY', 'HEAD', 'OPTIONS', 'post', '*', ''])('the method %j is not an explicit one', (method) => {
    expect(() => createRouteTable([{ method, path: '/sample' }])).toThrow('is not an explicit route')
  })

  it.each(['', '/', 'sample', '/sample/', '/{proxy+}', '/a//b', '/a?b', '/%61', '/a.b', '/*'])(
    'the path %j is not an explicit one',
    (path) => {
      expect(() => createRouteTable([{ method: 'GET', path }])).toThrow(`GET ${path} is not an explicit route`)
    },
  )

  it('a route that is there twice is refused', () => {
    expect(() => createRouteTable([sample, { ...sample }])).toThrow('POST /sample is there twice')
  })
})
