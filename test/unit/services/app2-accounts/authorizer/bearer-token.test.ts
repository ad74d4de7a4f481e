import { describe, expect, it } from 'vitest'
import { identityValidationExpression, readBearerToken } from '#services/app2-accounts/authorizer/bearer-token.ts'
import { isWellFormed } from '#shared/jwt/compact-token.ts'
import { refusedHeaders } from '#test/support/refused-tokens.ts'

const expression = new RegExp(identityValidationExpression)

describe('the identity validation expression', () => {
  it('takes one bearer token of three parts', () => {
    expect(expression.test('Bearer aA0-_.b.c')).toBe(true)
  })

  it.each([
    '',
    ' Bearer a.b.c',
    'Bearer a.b.c ',
    'Bearer a.b.c\n',
    'Bearer a.b',
    'Bearer a.b.',
    'Bearer a.b.c.d',
    'Bearer a.b.c=',
    'Bearer a.b.c+/',
    'Bearer {"payload":"a"}',
    ...Object.values(refusedHeaders).flat(),
  ])('refuses %j', (header) => {
    expect(expression.test(header)).toBe(false)
  })
})

describe('the header', () => {
  it('gives what follows the scheme and one space, whole', () => {
    expect(readBearerToken('Bearer head.claims.signature')).toBe('head.claims.signature')
    expect(readBearerToken('Bearer ')).toBe('')
  })

  it.each([undefined, null, 7, '', [`Bearer a.b.c`], ...refusedHeaders.no_bearer_token])(
    '%j has no token',
    (header) => {
      expect(readBearerToken(header)).toBeUndefined()
    },
  )

  it.each(refusedHeaders.malformed)('%j has one that is malformed', (header) => {
    expect(isWellFormed(readBearerToken(header) ?? expect.fail())).toBe(false)
  })
})

describe('the form of a token', () => {
  it.each(['AAAA.AAAA.AAAA', 'AAAAAAAA.AA.AAA', 'AQ.Ag.Aw', 'AAE.AA0.AA4', '____.--__.zzzz'])('%s is well', (token) => {
    expect(isWellFormed(token)).toBe(true)
  })

  it.each([
    ...['', 'AAAA', 'AAAA.AAAA', 'AAAA.AAAA.AAAA.AAAA', 'AAAA.AAA.AAAA.AAAA', 'AAAA.AA.A.AAA.AAAA', '.AAAA.AAAA'],
    ...['AAAA..AAAA', 'AAAA.AAAA.', 'A.AAAA.AAAA', 'AAAA.AAAAA.AAAA', 'AAAA.AAAA.AA=', 'AAAA.AAAA.AA=='],
    ...['AAAA.AAAA.AB', 'AAAA.AAAA.AAAAAAB', 'AAAA.AAAA.AAA=', 'AAAA.AAAA.AAAA\n', '\nAAAA.AAAA.AAAA'],
  ])('%j is malformed', (token) => {
    expect(isWellFormed(token)).toBe(false)
  })
})
