// Puts values in the place of CloudFormation's intrinsic functions; one that it does not know is an error.
import { SetUpError } from './set-up-error.ts'

/** Where values come from. Each throws for a name that does not exist. */
export type Scope = {
  /** What `!Ref` gives for a logical id or a pseudo-parameter such as `AWS::Region`. */
  readonly ref: (name: string) => Promise<string>
  readonly attribute: (logicalId: string, attribute: string) => Promise<string>
}

/** `node` with each `Ref`, `Fn::GetAtt` and `Fn::Sub` in it resolved, at any depth; everything else as it is. */
export async function resolveIntrinsics(node: unknown, scope: Scope): Promise<unknown> {
  if (Array.isArray(node)) return inSeries(node, (item) => resolveIntrinsics(item, scope))
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node)
  const intrinsic = entries.find(([key]) => key === 'Ref' || key.startsWith('Fn::'))
  if (intrinsic !== undefined && entries.length > 1)
    throw new SetUpError(intrinsic[0], 'has to stand alone in its object')
  if (intrinsic !== undefined) return resolveIntrinsic(intrinsic, scope)
  const resolved = await inSeries(entries, async ([key, value]): Promise<[string, unknown]> => [
    key,
    await resolveIntrinsics(value, scope),
  ])
  return Object.fromEntries(resolved)
}

async function resolveIntrinsic([name, argument]: [string, unknown], scope: Scope): Promise<string> {
  if (name === 'Ref' && typeof argument === 'string') return scope.ref(argument)
  if (name === 'Fn::Sub' && typeof argument === 'string') return substitute(argument, scope)
  if (name === 'Fn::GetAtt' && Array.isArray(argument)) {
    const [logicalId, attribute] = argument as readonly unknown[]
    if (typeof logicalId === 'string' && typeof attribute === 'string') return scope.attribute(logicalId, attribute)
  }
  throw new SetUpError(name, 'this set-up does not know the intrinsic function in this form')
}

async function substitute(text: string, scope: Scope): Promise<string> {
  const parts = await inSeries(text.split(/(\$\{[^}]*\})/), async (part) => {
    const name = /^\$\{([^}]*)\}$/.exec(part)?.[1]
    if (name === undefined) return part
    // `${!Name}` is how a template writes a literal `${Name}`.
    if (name.startsWith('!')) return `\${${name.slice(1)}}`
    const [logicalId = '', ...attribute] = name.split('.')
    return attribute.length === 0 ? scope.ref(name) : scope.attribute(logicalId, attribute.join('.'))
  })
  return parts.join('')
}

// One after the other: resolving makes resources, and two places may ask for the same one.
async function inSeries<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (const item of items) results.push(await work(item))
  return results
}
