import { describe, expect, it } from 'vitest'
import { resolveIntrinsics } from '#infra/local/set-up/resolve-intrinsics.ts'

function resolve(node: unknown): Promise<unknown> {
  return resolveIntrinsics(node, {
    ref: (name) => Promise.resolve(`ref of ${name}`),
    attribute: (logicalId, attribute) => Promise.resolve(`${attribute} of ${logicalId}`),
  })
}

describe('resolveIntrinsics', () => {
  it('resolves functions at any depth and leaves everything else as it is', async () => {
    const node = { a: [{ b: { Ref: 'X' } }, 1, true, null], c: { 'Fn::GetAtt': ['Y', 'Arn'] }, d: 'text' }

    expect(await resolve(node)).toEqual({ a: [{ b: 'ref of X' }, 1, true, null], c: 'Arn of Y', d: 'text' })
  })

  it.each([
    { sub: '${AWS::StackName}-x', result: 'ref of AWS::StackName-x' },
    { sub: 'a/${Key}/${Key.Arn}', result: 'a/ref of Key/Arn of Key' },
    { sub: '${Nested.Outputs.Id}', result: 'Outputs.Id of Nested' },
    { sub: '${!Literal}', result: '${Literal}' },
    { sub: 'nothing to put in', result: 'nothing to put in' },
  ])('substitutes in $sub', async ({ sub, result }) => {
    expect(await resolve({ 'Fn::Sub': sub })).toBe(result)
  })

  it.each([
    { node: { 'Fn::If': ['a', 'b', 'c'] }, name: 'Fn::If' },
    { node: { 'Fn::Sub': ['${a}', { a: 'b' }] }, name: 'Fn::Sub' },
    { node: { 'Fn::GetAtt': 'Key.Arn' }, name: 'Fn::GetAtt' },
    { node: { 'Fn::GetAtt': ['Key', { Ref: 'x' }] }, name: 'Fn::GetAtt' },
    { node: { Ref: ['x'] }, name: 'Ref' },
  ])('refuses $node, a form that it does not know', async ({ node, name }) => {
    await expect(resolve(node)).rejects.toThrow(
      `${name}: this set-up does not know the intrinsic function in this form`,
    )
  })

  it('refuses a function that does not stand alone', async () => {
    await expect(resolve({ Ref: 'X', more: 1 })).rejects.toThrow('Ref: has to stand alone in its object')
  })
})
