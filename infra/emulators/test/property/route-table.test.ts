import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRouteTable } from '../../gateway/route-table.ts'

const admin = { method: 'POST', path: '/admin/create-user' }
const find = createRouteTable([admin, { method: 'POST', path: '/sample' }], { forgivesSlash: false })

describe('createRouteTable', () => {
  it('a target whose path differs from the route by anything finds nothing', () => {
    const near = fc
      .tuple(fc.nat(admin.path.length), fc.nat(2), fc.constantFrom('', '/', '.', '..', '%2f', '\\', ';', '#', '%', 'A'))
      .map(([at, removed, added]) => admin.path.slice(0, at) + added + admin.path.slice(at + removed))
    fc.assert(
      fc.property(near, (target) => {
        expect(find({ method: 'POST', target }) === undefined).toBe(target !== admin.path)
      }),
    )
  })

  it('an encoded character is another path, though it decodes to the same', () => {
    fc.assert(
      fc.property(fc.nat(admin.path.length - 1), (at) => {
        const code = admin.path.charCodeAt(at).toString(16)
        const target = `${admin.path.slice(0, at)}%${code}${admin.path.slice(at + 1)}`

        expect(decodeURIComponent(target)).toBe(admin.path)
        expect(find({ method: 'POST', target })).toBeUndefined()
      }),
    )
  })

  it('any query leaves the route as it is', () => {
    fc.assert(
      fc.property(fc.string(), (query) => {
        expect(find({ method: 'POST', target: `${admin.path}?${query}` })).toBe(admin)
      }),
    )
  })
})
