// What a part of a template refers to by Ref, Fn::GetAtt and Fn::Sub.
import type { Template } from './finish-template.ts'

const named = /\$\{(\w+)(?:\.[\w.]+)?\}/g

/** What is wrong with the first reference in `template` to what is not there; undefined when all lead somewhere. */
export function referenceProblem({ Resources: resources }: Template): string | undefined {
  const lost = referencesIn(resources).find((name) => resources[name] === undefined)
  return lost && `Something in the template refers to ${lost}, which is not in it: see infra/deploy/sides/owners.ts.`
}

/** The logical ids that `node` refers to, at any depth; AWS's own, such as AWS::Region, are none. */
export function referencesIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return []
  if (Array.isArray(node)) return node.flatMap(referencesIn)
  return Object.entries(node).flatMap(([key, value]: [string, unknown]) => {
    if (key === 'Ref') return String(value).startsWith('AWS::') ? [] : [String(value)]
    if (key === 'Fn::GetAtt') return [String([value].flat()[0]).split('.')[0] ?? '']
    if (key === 'Fn::Sub') return [...namesIn(String([value].flat()[0])), ...referencesIn(value)]
    return referencesIn(value)
  })
}

/** Those in the text of a Fn::Sub. */
export function namesIn(text: string): string[] {
  return [...text.matchAll(named)].map(([, name = '']) => name)
}

/** A Ref, a Fn::GetAtt or a Fn::Sub as it would stand in the text of a Fn::Sub; undefined for anything else. */
export function textOf(node: unknown): string | undefined {
  if (typeof node !== 'object' || node === null) return undefined
  if ('Ref' in node) return `\${${String(node.Ref)}}`
  if ('Fn::GetAtt' in node) return `\${${[node['Fn::GetAtt']].flat().join('.')}}`
  return 'Fn::Sub' in node && typeof node['Fn::Sub'] === 'string' ? node['Fn::Sub'] : undefined
}
