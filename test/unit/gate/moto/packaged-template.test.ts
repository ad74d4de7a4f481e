import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { adaptPackage, parseTemplate, replaceReferences } from '#test/gate/moto/packaged-template.ts'

const made = new Map([
  ['Pool', { ref: 'pool-1', attributes: { Arn: 'arn:pool-1', 'Nested.Arn': 'arn:nested' } }],
  ['Secret', { ref: 'arn:secret', attributes: {} }],
])

describe('replaceReferences', () => {
  it.each([
    ['a Ref', { Ref: 'Pool' }, 'pool-1'],
    ['a GetAtt', { 'Fn::GetAtt': ['Pool', 'Arn'] }, 'arn:pool-1'],
    ['a GetAtt in one string', { 'Fn::GetAtt': 'Pool.Nested.Arn' }, 'arn:nested'],
    [
      'a Sub',
      { 'Fn::Sub': '${Pool}/${Pool.Arn}/${Other}/${AWS::Region}/${!Pool}' },
      { 'Fn::Sub': 'pool-1/arn:pool-1/${Other}/${AWS::Region}/${!Pool}' },
    ],
    [
      'a Sub with variables',
      { 'Fn::Sub': ['${Pool}/${name}', { name: { Ref: 'Secret' } }] },
      { 'Fn::Sub': ['pool-1/${name}', { name: 'arn:secret' }] },
    ],
    ['a list in an object', { A: [{ B: { Ref: 'Secret' } }] }, { A: [{ B: 'arn:secret' }] }],
  ])('resolves %s', (_what, node, expected) => {
    expect(replaceReferences(node, made)).toEqual(expected)
  })

  it.each([
    ['a Ref of something else', { Ref: 'Other' }],
    ['a GetAtt of something else', { 'Fn::GetAtt': ['Other', 'Arn'] }],
    ['a property that is named Ref', { Ref: 'Pool', Other: 1 }],
    ['another function', { 'Fn::Join': ['', ['Pool']] }],
    ['plain values', { A: 'Pool', B: 1, C: null, D: true }],
    ['an empty object', {}],
    ['a dependency', { Type: 'T', DependsOn: ['Pool'] }],
  ])('leaves %s as it is', (_what, node) => {
    expect(replaceReferences(node, made)).toEqual(node)
  })

  it.each([{ 'Fn::GetAtt': ['Secret', 'Arn'] }, { 'Fn::Sub': '${Secret.Arn}' }])(
    'refuses %j, an attribute that was not made',
    (node) => {
      expect(() => replaceReferences(node, made)).toThrow('Secret.Arn is referred to')
    },
  )
})

describe('adaptPackage', () => {
  it('writes the values into both files, and leaves every resource and the rest of the state', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-package-'))
    const template = {
      Resources: { Pool: { Type: 'T::Pool' }, User: { Type: 'T::User', Properties: { PoolId: { Ref: 'Pool' } } } },
      Outputs: { PoolId: { Value: { Ref: 'Pool' } } },
    }
    const state = {
      service: { service: 'latchkey', provider: { stage: 'dev', compiledCloudFormationTemplate: template } },
      package: { individually: true },
    }
    await writeFile(join(folder, 'serverless-state.json'), JSON.stringify(state))

    await adaptPackage(folder, made)

    const adapted = {
      Resources: { Pool: { Type: 'T::Pool' }, User: { Type: 'T::User', Properties: { PoolId: 'pool-1' } } },
      Outputs: { PoolId: { Value: 'pool-1' } },
    }
    const read = async (file: string): Promise<unknown> => JSON.parse(await readFile(join(folder, file), 'utf8'))
    expect(await read('cloudformation-template-update-stack.json')).toEqual(adapted)
    expect(await read('serverless-state.json')).toEqual({
      service: { service: 'latchkey', provider: { stage: 'dev', compiledCloudFormationTemplate: adapted } },
      package: { individually: true },
    })
    await rm(folder, { recursive: true })
  })
})

describe('parseTemplate', () => {
  it('refuses a template without resources', () => {
    expect(() => parseTemplate('{"Outputs": {}}')).toThrow('Resources')
  })
})
