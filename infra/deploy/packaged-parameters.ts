// What a package was made with, written into its template: `deploy --package` takes no parameter besides.
import * as z from 'zod/mini'
import type { Values } from './given-parameters.ts'

const packaged = z.object({ Metadata: z.object({ Latchkey: z.record(z.string(), z.unknown()) }) })

/** For `Metadata` of the template, where CloudFormation keeps it beside the stack. */
export function packagedParameters(given: Values): { readonly Latchkey: Values } {
  return { Latchkey: Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)])) }
}

/** Which of `given` the package of `template` (JSON text) was not made with, and what to do; undefined when none. */
export function packagedProblem(template: string, given: Values): string | undefined {
  const inPackage = packaged.safeParse(JSON.parse(template)).data?.Metadata.Latchkey ?? {}
  const others = Object.keys(given).filter((name) => String(given[name]) !== inPackage[name])
  if (others.length === 0) return undefined
  return `The package was made with another ${others.join(', ')}: give them to \`serverless package\`, and package again.`
}
