import { describe, expect, it } from 'vitest'
import { identityValidationExpression } from '#services/app2-accounts/authorizer/identity-validation-expression.ts'

const expression = new RegExp(identityValidationExpression)

describe('the identity validation expression', () => {
  it('takes one bearer token of three parts', () => {
    expect(expression.test('Bearer aA0-_.b.c')).toBe(true)
  })

  it.each([
    ['', 'nothing'],
    ['a.b.c', 'no scheme'],
    ['bearer a.b.c', 'the scheme in lower case'],
    ['Basic a.b.c', 'another scheme'],
    ['Bearer  a.b.c', 'two spaces'],
    ['Bearer\ta.b.c', 'a tab'],
    [' Bearer a.b.c', 'leading white space'],
    ['Bearer a.b.c ', 'trailing white space'],
    ['Bearer a.b.c\n', 'a line feed at the end'],
    ['Bearer a.b', 'two parts'],
    ['Bearer a.b.', 'an empty part'],
    ['Bearer a.b.c.d', 'four parts'],
    ['Bearer a.b.c=', 'padding'],
    ['Bearer a.b.c+/', 'standard base64'],
    ['Bearer a.b.c, Bearer d.e.f', 'two headers joined'],
    ['Bearer a.b.c d.e.f', 'two tokens'],
    ['Bearer a.b.ç', 'a letter beyond ASCII'],
    ['Bearer {"payload":"a"}', 'JSON serialization'],
  ])('refuses %j: %s', (header) => {
    expect(expression.test(header)).toBe(false)
  })
})
