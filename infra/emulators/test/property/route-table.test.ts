import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHttpRouteTable } from '../../gateway/http-route-table.ts'
import { createRouteTable } from '../../gateway/route-table.ts'

const admin = { method: 'POST', path: '/admin/create-user' }
const find = createRouteTable([admin, { method: 'POST', path: '/sample' }])

describe('createRouteTable', () => {
  it('a target whose path differs from the route by anything but one last slash finds nothing', () => {
    const near = fc
      .tuple(fc.nat(admin.path.length), fc.nat(2), fc.constantFrom('', '/', '.', '..', '%2f', '\\', ';', '#', '%', 'A'))
      .map(([at, removed, added]) => admin.path.slice(0, at) + added + admin.path.slice(at + removed))
    fc.assert(
      fc.property(near, (target) => {
        expect(find({ method: 'POST', target }) === undefined).toBe(![admin.path, `${admin.path}/`].includes(target))
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

describe('createHttpRouteTable', () => {
  it('a parameter is whatever a client escapes, once or twice where it has none of %, ? and /', () => {
    const route = { method: 'PUT', path: '/pets/{pet}/toys/{toy}' }
    const find = createHttpRouteTable([route])
    const value = fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => !/^\.{1,2}$/.test(text))
    fc.assert(
      fc.property(value, value, (pet, toy) => {
        const twice = [pet, toy].map((text) => encodeURIComponent(encodeURIComponent(text)))
        const once = [pet, toy].map((text) => encodeURIComponent(text.replaceAll(/[%?/]/g, '-')))

        const found = find({ method: 'PUT', target: `/pets/${twice[0]}/toys/${twice[1]}` })
        const plain = find({ method: 'PUT', target: `/pets/${once[0]}/toys/${once[1]}` })

        expect(found).toMatchObject({ ok: true, route, pathParameters: { pet, toy } })
        expect(plain).toMatchObject({
          pathParameters: { pet: pet.replaceAll(/[%?/]/g, '-'), toy: toy.replaceAll(/[%?/]/g, '-') },
        })
      }),
    )
  })
})
