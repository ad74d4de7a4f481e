// What lifeCycle=off leaves out: the routes by the table, and of the templates, which hold everything, what serves those routes.
import type { AccessRule, App1Rule } from '#shared/access-rules.ts'
import * as z from 'zod/mini'
import type { Resource, Template } from './finish-template.ts'

/** Whether the route is for users that are there, and not for new ones. */
export function isOfLifeCycle({ access }: AccessRule | App1Rule): boolean {
  if (typeof access === 'string') return access === 'read' || access === 'write' || access === 'delete'
  return access.group === 'api-admin'
}

/** Names of its own resources, and what others' hold for it: group, scopes, routes, the purpose of a password, metrics. */
const ofLifeCycle =
  /ManageUsers|manage-users|ApiAdmin|api-admin|users\.(read|write|delete)|\/admin\/users\/|latchkey:reset-password|UserChanges|UsersDeleted|PartialChanges/

/**
 * On return no resource of the life cycle is in the template, and no item of a list that is about it: a statement, a scope, an
 * ARN, a metric of an alarm, a widget. What names the life cycle goes as a whole, with all around it up to the nearest list
 * that has other items.
 */
export function removeLifeCycle({ Resources: resources }: Template): void {
  for (const [logicalId, resource] of Object.entries(resources)) {
    const left = ofLifeCycle.test(logicalId) ? undefined : prune(resource)
    if (left === undefined) Reflect.deleteProperty(resources, logicalId)
    else resources[logicalId] = left
  }
}

/** Undefined where nothing is left, or only a part of what makes sense as a whole. */
function prune(node: Resource): Resource | undefined
function prune(node: unknown): unknown
function prune(node: unknown): unknown {
  if (typeof node === 'string') return mentions(node) ? undefined : node
  if (typeof node !== 'object' || node === null) return node
  if (Array.isArray(node)) {
    const left = node.map((item: unknown) => prune(item)).filter((item) => item !== undefined)
    return left.length > 0 || node.length === 0 ? left : undefined
  }
  const entries = Object.entries(node)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => [key, key.startsWith('Fn::') ? pruneCall(value) : prune(value)] as const)
  return entries.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(entries)
}

/** The arguments of an intrinsic function are a list of which none can be missing. */
function pruneCall(value: unknown): unknown {
  const { data: dashboard } = dashboardText.safeParse(value)
  if (dashboard !== undefined) return pruneDashboard(dashboard)
  return mentions(value) ? undefined : value
}

const dashboardText = z.string().check(z.startsWith('{'))

const dashboardBody = z.looseObject({
  widgets: z.array(z.looseObject({ properties: z.looseObject({ metrics: z.optional(z.array(z.unknown())) }) })),
})

/** A metric is a list that makes sense as a whole. */
function pruneDashboard(text: string): string {
  const { widgets, ...body } = dashboardBody.parse(JSON.parse(text))
  const left = widgets.flatMap(({ properties: { metrics, ...properties }, ...widget }) => {
    const shown = metrics?.filter((metric) => !mentions(metric))
    if (shown?.length === 0 || mentions(properties)) return []
    return [{ ...widget, properties: { ...properties, ...(shown && { metrics: shown }) } }]
  })
  return JSON.stringify({ ...body, widgets: left })
}

function mentions(node: unknown): boolean {
  return ofLifeCycle.test(JSON.stringify(node))
}
