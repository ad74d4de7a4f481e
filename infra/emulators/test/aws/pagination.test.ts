import { describe, expect, it } from 'vitest'
import { paginate } from '../../aws/pagination.ts'

const numbered = (count: number): { sequence: number }[] =>
  Array.from({ length: count }, (_, sequence) => ({ sequence }))

describe('pagination', () => {
  it.each([undefined, 0])('gives 60 at most with limit %s', (limit) => {
    const whole = paginate({ items: numbered(60), limit, token: undefined })
    const cut = paginate({ items: numbered(61), limit, token: undefined })

    expect(whole).toMatchObject({ items: { length: 60 }, nextToken: undefined })
    expect(cut.items).toHaveLength(60)
    expect(cut.nextToken).toBeDefined()
  })

  it('goes on after the last item although that was deleted meanwhile', () => {
    const { nextToken } = paginate({ items: numbered(5), limit: 2, token: undefined })

    const rest = paginate({ items: numbered(5).filter(({ sequence }) => sequence !== 1), limit: 10, token: nextToken })

    expect(rest.items.map(({ sequence }) => sequence)).toEqual([2, 3, 4])
  })

  it('of nothing is one empty page', () => {
    expect(paginate({ items: [], limit: 1, token: undefined })).toEqual({ items: [], nextToken: undefined })
  })

  it.each(['x', Buffer.from('after:-1').toString('base64url'), Buffer.from('after:1x').toString('base64url')])(
    'refuses token %s, which it never gave out',
    (token) => {
      const page = (): unknown => paginate({ items: numbered(5), limit: 2, token })

      expect(page).toThrow(
        expect.objectContaining({ name: 'InvalidParameterException', message: 'Invalid pagination token.' }),
      )
    },
  )
})
