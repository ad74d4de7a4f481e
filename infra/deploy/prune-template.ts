// Leaves out of a packaged template what an optional part of the pair has in resources that others share.
import * as z from 'zod/mini'
import type { Resource, Template } from './finish-template.ts'
import type { Values } from './given-parameters.ts'

/** Whether a text is of the part that is left out. */
type Part = { readonly test: (text: string) => boolean }

/**
 * The part, without what operators named themselves: a role, an address or a stack may be called like ours. `given` are the
 * parameters in effect, `names` what the stack is called.
 */
export function apartFrom(part: RegExp, given: Values, names: readonly string[]): Part {
  const words = Object.values(given)
    .flatMap((value) => String(value).split(/[\s,=]+/))
    .filter((word) => /[@:]/.test(word))
  const operators = [...new Set([...words, ...names])]
    .filter((word) => part.test(JSON.stringify(word)))
    .toSorted((one, other) => other.length - one.length)
  return { test: (text) => part.test(operators.reduce((rest, word) => rest.replaceAll(word, ''), text)) }
}

/**
 * On return no resource whose name matches `part` is in the template, and no item of a list that is about it: a statement, a scope,
 * an ARN, a metric of an alarm, a widget. What names the part goes as a whole, with all around it up to the nearest list that
 * has other items.
 */
export function pruneTemplate({ Resources: resources }: Template, part: Part): void {
  for (const [logicalId, resource] of Object.entries(resources)) {
    const left = part.test(logicalId) ? undefined : prune(resource, part)
    if (left === undefined) Reflect.deleteProperty(resources, logicalId)
    else resources[logicalId] = left
  }
}

/** Undefined where nothing is left, or only a part of what makes sense as a whole. */
function prune(node: Resource, part: Part): Resource | undefined
function prune(node: unknown, part: Part): unknown
function prune(node: unknown, part: Part): unknown {
  if (typeof node === 'string') return mentions(node, part) ? undefined : node
  if (typeof node !== 'object' || node === null) return node
  if (Array.isArray(node)) {
    const left = node.map((item: unknown) => prune(item, part)).filter((item) => item !== undefined)
    return left.length > 0 || node.length === 0 ? left : undefined
  }
  const entries = Object.entries(node)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key, key.startsWith('Fn::') ? pruneCall(value, part) : prune(value, part)] as const)
  return entries.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(entries)
}

/** The arguments of an intrinsic function are a list of which none can be missing. */
function pruneCall(value: unknown, part: Part): unknown {
  const { data: dashboard } = dashboardText.safeParse(value)
  if (dashboard !== undefined) return pruneDashboard(dashboard, part)
  return mentions(value, part) ? undefined : value
}

const dashboardText = z.string().check(z.startsWith('{'))

const dashboardBody = z.looseObject({
  widgets: z.array(z.looseObject({ properties: z.looseObject({ metrics: z.optional(z.array(z.unknown())) }) })),
})

/** A metric is a list that makes sense as a whole. */
function pruneDashboard(text: string, part: Part): string {
  const { widgets, ...body } = dashboardBody.parse(JSON.parse(text))
  const left = widgets.flatMap(({ properties: { metrics, ...properties }, ...widget }) => {
    const shown = metrics?.filter((metric) => !mentions(metric, part))
    if (shown?.length === 0 || mentions(properties, part)) return []
    return [{ ...widget, properties: { ...properties, ...(shown && { metrics: shown }) } }]
  })
  return JSON.stringify({ ...body, widgets: left })
}

function mentions(node: unknown, part: Part): boolean {
  return part.test(JSON.stringify(node))
}
