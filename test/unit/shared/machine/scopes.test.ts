import { describe, expect, it } from 'vitest'
import { parseScopes } from '#shared/machine/scopes.ts'

describe('parseScopes', () => {
  it.each([
    ['app2/users.create', ['app2/users.create']],
    ['app2/users.create app2/sample.call', ['app2/users.create', 'app2/sample.call']],
    ['a a', ['a', 'a']],
    ['!#[]~', ['!#[]~']],
  ])('reads %j', (claim, scopes) => {
    expect(parseScopes(claim)).toEqual(scopes)
  })

  it('an absent claim is no scope', () => {
    expect(parseScopes(undefined)).toEqual([])
  })

  it.each([
    '',
    ' ',
    ' a',
    'a ',
    'a  b',
    'a\tb',
    'a\nb',
    'a\n',
    'a\u00a0b',
    'a"b',
    'a\\b',
    'a\u0000',
    'аpp2',
    null,
    1,
    true,
    ['a'],
    { 0: 'a' },
  ])('refuses %j', (claim) => {
    expect(parseScopes(claim)).toBeUndefined()
  })

  it('takes no longer for a long text that is refused at its end', () => {
    expect(parseScopes(`${'a '.repeat(4_000)} `)).toBeUndefined()
  })
})
