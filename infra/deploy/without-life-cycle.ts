// What lifeCycle=off leaves out: the routes by the table, and of the templates, which hold everything, what serves those routes.
import type { AccessRule, App1Rule } from '#shared/access-rules.ts'
import type { Template } from './finish-template.ts'

/** Whether the route is for users that are there, and not for new ones. */
export function isOfLifeCycle({ access }: AccessRule | App1Rule): boolean {
  if (typeof access === 'string') return access === 'read' || access === 'write' || access === 'delete'
  return access.group === 'api-admin'
}

/** Names of its own resources, and what others' hold for it: group, scopes, routes, the purpose of a password, metrics. */
const ofLifeCycle =
  /ManageUsers|ApiAdmin|\bapi-admin\b|\busers\.(read|write|delete)\b|\/admin\/users\/|latchkey:reset-password|\b(UserChanges|UsersDeleted|PartialChanges)\b/

/**
 * On return no resource of the life cycle is in the template, and no item of a list that is about it: a statement, a scope, an
 * ARN, a metric of an alarm. The dashboard stays: a line without a metric is empty.
 */
export function removeLifeCycle({ Resources: resources }: Template): void {
  for (const [logicalId, resource] of Object.entries(resources)) {
    if (resource.Type === 'AWS::CloudWatch::Dashboard') continue
    const pruned = prune(resource)
    if (ofLifeCycle.test(logicalId) || mentions(pruned)) Reflect.deleteProperty(resources, logicalId)
    else resources[logicalId] = pruned
  }
}

/** Innermost first: a list that loses an item is about the life cycle no more. */
function prune<Node>(node: Node): Node {
  if (Array.isArray(node)) return node.map((item: unknown) => prune(item)).filter((item) => !mentions(item)) as Node
  if (typeof node !== 'object' || node === null) return node
  const entries = Object.entries(node).map(([key, value]) => [
    key,
    key.startsWith('Fn::') ? (value as unknown) : prune(value),
  ])
  return Object.fromEntries(entries) as Node
}

function mentions(node: unknown): boolean {
  return ofLifeCycle.test(JSON.stringify(node))
}
