import { describe, expect, it } from 'vitest'
import { callersProblem } from '../../../../infra/serverless-plugin/allowed-callers.ts'

const role = 'arn:aws:iam::123456789012:role/caller'

function templateWith(callers: unknown): string {
  const Environment = { Variables: { ALLOWED_CALLERS: callers } }
  return JSON.stringify({ Resources: { App1ProvisionerLambdaFunction: { Properties: { Environment } } } })
}

describe('callersProblem', () => {
  it.each([role, `${role},arn:aws:iam::210987654321:role/path/other`])('finds none with %s', (callers) => {
    expect(callersProblem(templateWith(callers))).toBeUndefined()
  })

  it('says that nobody is named, and what to type', () => {
    expect(callersProblem(templateWith(''))).toMatch(
      /^allowedCallers is not set, so nobody could call App1\. .*--param allowedCallers=arn:aws:iam::123456789012:role\/my-caller/,
    )
  })

  it.each(['*', 'arn:aws:iam::123456789012:role/*', 'arn:aws:iam::123456789012:user/somebody', `${role};${role}x y`])(
    'says that %s is no list of roles, which it does not repeat',
    (callers) => {
      const problem = callersProblem(templateWith(callers))

      expect(problem).toMatch(/^allowedCallers is not a list of role ARNs, so App1 would not start\. /)
      expect(problem?.split('.')[0]).not.toContain(callers)
    },
  )

  it('fails on a template without App1', () => {
    expect(() => callersProblem('{"Resources": {}}')).toThrow('App1ProvisionerLambdaFunction')
  })
})
