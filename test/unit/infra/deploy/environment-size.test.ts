import { describe, expect, it } from 'vitest'
import { environmentProblem } from '#infra/deploy/environment-size.ts'
import type { Template } from '#infra/deploy/finish-template.ts'

const templateWith = (variables: Record<string, unknown>): Template => ({
  Resources: {
    Sample: { Type: 'AWS::Lambda::Function' },
    App1: { Type: 'AWS::Lambda::Function', Properties: { Environment: { Variables: variables } } },
    UserPool: { Type: 'AWS::Cognito::UserPool' },
    MachineSecret: { Type: 'AWS::SecretsManager::Secret' },
  },
})

/** `{"ALLOWED_CALLERS":"…"}` of so many bytes. */
const callers = (bytes: number): string => 'é' + 'x'.repeat(bytes - '{"ALLOWED_CALLERS":"é"}'.length - 1)

describe('the environment of a function', () => {
  it('has 4,096 bytes at most', () => {
    expect(environmentProblem(templateWith({ ALLOWED_CALLERS: callers(4_096) }))).toBeUndefined()
    expect(environmentProblem(templateWith({ ALLOWED_CALLERS: callers(4_097) }))).toBe(
      'The variables of App1 would have 4097 bytes, and Lambda takes 4096. The longest is ALLOWED_CALLERS: ' +
        'name fewer roles in allowedCallers, or one that the others assume.',
    )
  })

  it.each([
    { reference: { Ref: 'UserPool' }, length: 32 },
    { reference: { Ref: 'MachineSecret' }, length: 100 },
    { reference: { 'Fn::GetAtt': ['PasswordKey', 'Arn'] }, length: 100 },
    { reference: { 'Fn::Sub': 'https://${Api}.example/${Stage}' }, length: 'https://.example/'.length + 64 },
  ])('counts $length characters for $reference', ({ reference, length }) => {
    const rest = 4_096 - length - ',"X":""'.length

    expect(environmentProblem(templateWith({ ALLOWED_CALLERS: callers(rest), X: reference }))).toBeUndefined()
    expect(environmentProblem(templateWith({ ALLOWED_CALLERS: callers(rest + 1), X: reference }))).toContain('4097')
  })

  it('is named by its longest variable, whichever it is', () => {
    expect(environmentProblem(templateWith({ ALLOWED_CALLERS: 'x', OTHER: 'x'.repeat(4_096) }))).toMatch(/is OTHER\.$/)
  })
})
