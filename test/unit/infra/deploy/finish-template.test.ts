import { describe, expect, it } from 'vitest'
import { finishTemplate, type Resource, type Template } from '#infra/deploy/finish-template.ts'

function finished(Resources: Record<string, Resource>): Template['Resources'] {
  const template = { Resources }
  finishTemplate(template)
  return template.Resources
}

describe('finishTemplate', () => {
  it('leaves the making of a stage to the stage', () => {
    const { Deployment } = finished({
      Deployment: { Type: 'AWS::ApiGateway::Deployment', Properties: { RestApiId: 'x', StageName: 'dev' } },
    })

    expect(Deployment?.Properties).toEqual({ RestApiId: 'x' })
  })

  it('has a deployment wait for the gateway responses, and for what it waited for', () => {
    const { Deployment } = finished({
      Deployment: { Type: 'AWS::ApiGateway::Deployment', Properties: {}, DependsOn: ['Method'] },
      Response: { Type: 'AWS::ApiGateway::GatewayResponse' },
      Method: { Type: 'AWS::ApiGateway::Method' },
    })

    expect(Deployment?.DependsOn).toEqual(['Method', 'Response'])
  })

  it.each(['AWS::Logs::MetricFilter', 'AWS::ApiGateway::GatewayResponse', 'AWS::CloudWatch::Alarm'])(
    'has no more than four of type %s made at once, and none wait for one that is there under a condition',
    (Type) => {
      const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`N${index}`, { Type }]))
      const resources = finished({
        ...many,
        Conditional: { Type, Condition: 'IsOn' },
        Other: { Type: 'AWS::SNS::Topic' },
      })

      const waitedFor = Object.entries(resources).map(([logicalId, { DependsOn }]) =>
        [logicalId, DependsOn ?? []].flat(),
      )
      expect(waitedFor).toEqual([
        ['N0'],
        ['N1'],
        ['N2'],
        ['N3'],
        ['N4', 'N0'],
        ['N5', 'N1'],
        ['N6', 'N2'],
        ['N7', 'N3'],
        ['N8', 'N4'],
        ['Conditional'],
        ['Other'],
      ])
    },
  )

  it.each([
    { reference: { Ref: 'A' } },
    { reference: { 'Fn::GetAtt': ['A', 'Arn'] } },
    { reference: { 'Fn::GetAtt': 'A.Arn' } },
    { reference: { 'Fn::Sub': 'arn:${A.Arn}:x' } },
    { reference: { 'Fn::Sub': ['${A}', {}] } },
    { reference: { 'Fn::Sub': ['${x}', { x: { Ref: 'A' } }] } },
    { reference: { 'Fn::Join': ['', ['x', { Ref: 'A' }]] } },
  ])('drops a dependency that $reference says already', ({ reference }) => {
    const { B } = finished({
      A: { Type: 'AWS::SNS::Topic' },
      B: { Type: 'AWS::SNS::Subscription', Properties: { Deep: [{ Topic: reference }] }, DependsOn: 'A' },
    })

    expect(B).toEqual({ Type: 'AWS::SNS::Subscription', Properties: { Deep: [{ Topic: reference }] } })
  })

  it.each([
    { what: 'a name that only begins alike', reference: { Ref: 'Ab' } },
    { what: 'an attribute of another', reference: { 'Fn::GetAtt': ['Ab', 'A'] } },
    { what: 'a text', reference: 'A' },
    { what: 'another in a Fn::Sub', reference: { 'Fn::Sub': '${Ab} A ${!A}' } },
    { what: 'nothing', reference: undefined },
  ])('keeps a dependency where the properties name $what', ({ reference }) => {
    const { B } = finished({
      A: { Type: 'AWS::SNS::Topic' },
      B: { Type: 'AWS::SNS::Subscription', Properties: { reference }, DependsOn: ['A'] },
    })

    expect(B?.DependsOn).toEqual(['A'])
  })

  it('leaves a resource without dependencies and properties as it is', () => {
    expect(finished({ A: { Type: 'AWS::SNS::Topic' } })).toEqual({ A: { Type: 'AWS::SNS::Topic' } })
  })

  it('has a rotation wait for its function’s policies and the APIs’ stages, but not for one under a condition', () => {
    const policy = { Type: 'AWS::IAM::Policy', Properties: { Roles: [{ Ref: 'MachineCredentialRotationRole' }] } }
    const template: Template = {
      Resources: {
        Rotation: { Type: 'AWS::SecretsManager::RotationSchedule', DependsOn: ['Permission', 'RestStage'] },
        Policy: policy,
        RestStage: { Type: 'AWS::ApiGateway::Stage' },
        HttpStage: { Type: 'AWS::ApiGatewayV2::Stage' },
        Tracing: { ...policy, Condition: 'TracingIsOn' },
        Other: { Type: 'AWS::IAM::Policy', Properties: { Roles: [{ Ref: 'SampleRole' }] } },
      },
    }

    finishTemplate(template)

    expect(template.Resources['Rotation']?.DependsOn).toEqual(['Permission', 'RestStage', 'Policy', 'HttpStage'])
  })
})
