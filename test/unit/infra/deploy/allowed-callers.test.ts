import { describe, expect, it } from 'vitest'
import { callersProblem } from '#infra/deploy/allowed-callers.ts'

function templateWith(callers: unknown): string {
  const Environment = { Variables: { ALLOWED_CALLERS: callers } }
  return JSON.stringify({ Resources: { App1ProvisionerLambdaFunction: { Properties: { Environment } } } })
}

describe('callersProblem', () => {
  it('finds none where somebody is named', () => {
    expect(callersProblem(templateWith('arn:aws:iam::123456789012:role/caller'))).toBeUndefined()
  })

  it('says that nobody is named, and what to type', () => {
    expect(callersProblem(templateWith(''))).toMatch(
      /^allowedCallers is not set, so nobody could call App1\. .*arn:aws:iam::123456789012:role\/my-caller=create\+read .*--param allowedCallers=/,
    )
  })

  it('fails on a template without App1, unless it is of App2 alone', () => {
    const of = (side: string): string => JSON.stringify({ Resources: {}, Metadata: { Latchkey: { side } } })

    expect(() => callersProblem('{"Resources": {}}')).toThrow('App1ProvisionerLambdaFunction')
    expect(() => callersProblem(of('app1'))).toThrow('App1ProvisionerLambdaFunction')
    expect(callersProblem(of('app2'))).toBeUndefined()
  })
})
