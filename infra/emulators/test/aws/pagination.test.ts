import { describe, expect, it } from 'vitest'
import { paginate } from '../../aws/pagination.ts'

const numbered = (count: number): { sequence: number }[] =>
  Array.from({ length: count }, (_, sequence) => ({ sequence }))

const list = ['pets', 'cats']

describe('pagination', () => {
  it.each([undefined, 0])('gives 60 at most with limit %s', (limit) => {
    const whole = paginate({ list, items: numbered(60), limit, token: undefined })
    const cut = paginate({ list, items: numbered(61), limit, token: undefined })

    expect(whole).toMatchObject({ items: { length: 60 }, nextToken: undefined })
    expect(cut.items).toHaveLength(60)
    expect(cut.nextToken).toBeDefined()
  })

  it('goes on after the last item although that was deleted meanwhile', () => {
    const { nextToken } = paginate({ list, items: numbered(5), limit: 2, token: undefined })

    const rest = paginate({
      list,
      items: numbered(5).filter(({ sequence }) => sequence !== 1),
      limit: 10,
      token: nextToken,
    })

    expect(rest.items.map(({ sequence }) => sequence)).toEqual([2, 3, 4])
  })

  it('of nothing is one empty page', () => {
    expect(paginate({ list, items: [], limit: 1, token: undefined })).toEqual({ items: [], nextToken: undefined })
  })

  const tokenOf = (...ofList: string[]): string =>
    paginate({ list: ofList, items: numbered(5), limit: 2, token: undefined }).nextToken ?? ''
  const edit = (replacement: string): string =>
    Buffer.from(
      Buffer.from(tokenOf(...list), 'base64url')
        .toString()
        .replace('after:1:', replacement),
    ).toString('base64url')

  it.each([
    ['x', 'which is none'],
    [edit('after:-1:'), 'which it never gave out'],
    [edit('after:1x:'), 'which it never gave out'],
    [`${tokenOf(...list)}x`, 'with more behind it'],
    [tokenOf('pets', 'dogs'), 'of another list'],
    [tokenOf('pets,cats'), 'of another list'],
  ])('refuses token %s, %s', (token) => {
    const page = (): unknown => paginate({ list, items: numbered(5), limit: 2, token })

    expect(page).toThrow(
      expect.objectContaining({ name: 'InvalidParameterException', message: 'Invalid pagination token.' }),
    )
  })
})
