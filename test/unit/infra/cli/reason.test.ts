import { describe, expect, it } from 'vitest'
import { reasonOf, reasonText, safeMessage } from '#infra/cli/reason.ts'

const denied =
  'User: arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Operators_0123456789abcdef/alice@example.com is not ' +
  'authorized to perform: cognito-idp:ListUsers on resource: arn:aws:cognito-idp:eu-west-1:123456789012:userpool/' +
  'eu-west-1_aBcDeFgHi because no identity-based policy allows the cognito-idp:ListUsers action'

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name })

describe('reasonOf', () => {
  it('is the name and the words of AWS', () => {
    expect(reasonText(reasonOf(named('AccessDeniedException', denied)))).toBe(`AccessDeniedException: ${denied}`)
  })

  it('of an error without words is its code, or its name alone', () => {
    expect(reasonOf(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }))).toEqual({
      name: 'AggregateError',
      message: 'ECONNREFUSED',
    })
    expect(reasonText(reasonOf(named('TimeoutError', '')))).toBe('TimeoutError')
    expect(reasonText(reasonOf('thrown'))).toBe('string')
  })
})

describe('safeMessage', () => {
  const secretKey = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY'.slice(0, 40)
  const token = `IQoJb3JpZ2luX2Vj${'aB3/'.repeat(40)}==`

  it.each([
    [
      'a request that AWS repeats',
      `The signature does not match.\n\nx-amz-security-token:canary`,
      'The signature does not match.',
    ],
    ['a line that ends otherwise', 'First.\u2028canary', 'First.'],
    [
      'a credential_process',
      'Command failed: get-keys --password canary\ncanary',
      'The credential_process of the profile failed. What it printed is not repeated here: run it by itself.',
    ],
    [
      'a file that is no JSON',
      `Failed to load token: SyntaxError: Unexpected token 'c', "canary" is not valid JSON`,
      'Failed to load token: SyntaxError: Not valid JSON',
    ],
    [
      'a proxy with a user',
      'no tunnel by http://u:canary@proxy:1/ today',
      'no tunnel by http://[redacted]@proxy:1/ today',
    ],
    ['a token', `The token ${token} has expired`, 'The token [redacted] has expired'],
    ['a secret key', `Key "${secretKey}" is wrong`, 'Key "[redacted]" is wrong'],
    ['what a terminal would obey', 'a\u001b[2Jb\u0007\u202ec\u{1f600}', 'a?[2Jb??c?'],
  ])('of %s keeps what is safe', (_, message, safe) => {
    expect(safeMessage(message)).toBe(safe)
  })

  it('is 500 characters at most', () => {
    expect(safeMessage('a b'.repeat(300))).toHaveLength(500)
  })
})
