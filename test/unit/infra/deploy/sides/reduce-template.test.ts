import { describe, expect, it } from 'vitest'
import type { Template } from '#infra/deploy/finish-template.ts'
import { reduceToSide } from '#infra/deploy/sides/reduce-template.ts'
import { choosePairModes } from '#infra/local/pair-modes.ts'

const chosen = { ...choosePairModes({ machineAuth: 'password' }), side: 'app2' } as const
const outputs = () => ({ App1ProvisionerRoleArn: { Value: { 'Fn::GetAtt': ['App1ProvisionerRole', 'Arn'] } } })

// What it makes of the whole template is in test/gate/deployment/sides.test.ts.
describe('a template that is reduced to a side', () => {
  it('loses no Deny with the role that it names', () => {
    const policy = {
      ...{ Sid: 'NobodyElse', Effect: 'Deny', Principal: '*', Action: 'kms:Decrypt' },
      Condition: { ArnNotEquals: { 'aws:PrincipalArn': { 'Fn::GetAtt': ['App1ProvisionerRole', 'Arn'] } } },
    }
    const template: Template = {
      Resources: { PasswordKey: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: { Statement: [policy] } } } },
      Outputs: outputs(),
    }

    expect(() => {
      reduceToSide(template, chosen, {})
    }).toThrow('The Deny NobodyElse would be lost.')
  })

  it('has no resource of which nobody says whose it is', () => {
    const template: Template = { Resources: { Stray: { Type: 'AWS::SNS::Topic' } }, Outputs: outputs() }

    expect(() => {
      reduceToSide(template, chosen, {})
    }).toThrow('does not say whose Stray is')
  })

  it('is not made where no template says what a link is read from', () => {
    expect(() => {
      reduceToSide({ Resources: {} }, chosen, {})
    }).toThrow('No template has the output App1ProvisionerRoleArn')
  })
})
