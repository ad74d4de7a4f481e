import { describe, expect, it } from 'vitest'
import { readPackagedTemplate, readTemplate, type TemplateResources } from '#infra/local/set-up/read-template.ts'
import { templatesFolder } from './templates-folder.ts'

async function read(text: string): Promise<TemplateResources> {
  return readTemplate(new URL('cognito.yml', await templatesFolder({ 'cognito.yml': text })))
}

describe('readTemplate', () => {
  it('gives resources by logical id, with intrinsic functions in their long form', async () => {
    const resources = await read(`
Resources:
  First:
    Type: T::A
  Second:
    Type: T::B
    DependsOn: First
    DeletionPolicy: Retain
    UpdateReplacePolicy: Retain
    Properties:
      A: !Ref First
      B: [!GetAtt First.Arn.Part, !Sub '\${First}-x']
Outputs:
  Anything: {Value: !Ref First}
`)

    expect([...resources]).toEqual([
      ['First', { type: 'T::A', dependsOn: [], properties: {} }],
      [
        'Second',
        {
          type: 'T::B',
          dependsOn: ['First'],
          properties: {
            A: { Ref: 'First' },
            B: [{ 'Fn::GetAtt': ['First', 'Arn.Part'] }, { 'Fn::Sub': '${First}-x' }],
          },
        },
      ],
    ])
  })

  it('takes a list of dependencies', async () => {
    const resources = await read('Resources: {A: {Type: T, DependsOn: [B, C]}}')

    expect(resources.get('A')?.dependsOn).toEqual(['B', 'C'])
  })

  it('carries merge keys out, the resource’s own property winning', async () => {
    const resources = await read(`
Resources:
  A: {Type: T, Properties: &shared {Name: a, Size: 1}}
  B: {Type: T, Properties: {<<: *shared, Name: b}}
`)

    expect(resources.get('B')?.properties).toEqual({ Name: 'b', Size: 1 })
  })

  it.each([
    { what: 'a tag that it does not know', text: 'Resources: {A: {Type: T, Properties: {B: !If [x]}}}', why: /!If/ },
    { what: 'a Sub with a map', text: 'Resources: {A: {Type: T, Properties: {B: !Sub [x, {}]}}}', why: /!Sub/ },
    { what: 'YAML that does not parse', text: 'Resources: {', why: /^cognito\.yml: / },
    { what: 'a section that it does not carry out', text: 'Resources: {}\nParameters: {}', why: /Parameters/ },
    {
      what: 'an attribute that it does not carry out',
      text: 'Resources: {A: {Type: T, Condition: x}}',
      why: /Condition/,
    },
    { what: 'a resource without a type', text: 'Resources: {A: {Properties: {}}}', why: /Type/ },
    { what: 'a template without resources', text: 'Outputs: {}', why: /Resources/ },
  ])('refuses $what with the name of the file', async ({ text, why }) => {
    const failure = expect(read(text)).rejects

    await failure.toMatchObject({ name: 'SetUpError', message: expect.stringMatching(/^cognito\.yml: /) as string })
    await failure.toThrow(why)
  })
})

describe('readPackagedTemplate', () => {
  const packaged = JSON.stringify({
    AWSTemplateFormatVersion: '2010-09-09',
    Conditions: { Always: { 'Fn::Equals': ['a', 'a'] } },
    Resources: {
      First: { Type: 'T::A', DependsOn: 'Second', Properties: { B: { Ref: 'Second' } } },
      Second: { Type: 'T::B', Condition: 'Always' },
    },
  })

  it('gives the resources of the wanted types alone, as readTemplate does', () => {
    expect([...readPackagedTemplate(packaged, { types: ['T::A', 'T::C'] })]).toEqual([
      ['First', { type: 'T::A', dependsOn: ['Second'], properties: { B: { Ref: 'Second' } } }],
    ])
  })

  it('refuses what this set-up does not carry out, in a resource of a wanted type', () => {
    expect(() => readPackagedTemplate(packaged, { types: ['T::B'] })).toThrow(
      'the packaged template: Resources.Second has Condition, which this set-up does not know',
    )
  })
})
