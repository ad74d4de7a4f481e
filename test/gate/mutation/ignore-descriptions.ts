// Keeps Stryker off the sentences that describe settings: documents.test.ts compares them, and nothing is decided by them.

/** What is used of Babel's path to a node. */
type NodePath = {
  readonly node: { readonly type: string; readonly key?: { readonly type: string; readonly name?: unknown } }
}

export const strykerPlugins = [
  {
    kind: 'Ignore',
    name: 'descriptions',
    value: {
      /** Why the node at `path`, with all that is in it, is left as it is; undefined for what is to be mutated. */
      shouldIgnore: ({ node }: NodePath): string | undefined => {
        const isDescription = node.type === 'ObjectProperty' && node.key?.name === 'description'
        return isDescription ? 'Compared with the README’s table by test/unit/documents.test.ts.' : undefined
      },
    },
  },
]
