// What lifeCycle=off leaves out: the routes by the table, and of the templates, which hold everything, what serves those routes.
import type { AccessRule, App1Rule } from '#shared/access-rules.ts'
import type { Template } from './finish-template.ts'
import type { Values } from './given-parameters.ts'
import { apartFrom, pruneTemplate } from './prune-template.ts'

/** Whether the route is for users that are there, and not for new ones. */
export function isOfLifeCycle({ access }: AccessRule | App1Rule): boolean {
  if (typeof access === 'string') return access === 'read' || access === 'write' || access === 'delete'
  return access.group === 'api-admin'
}

/** Names of its own resources, and what others' hold for it: group, scopes, routes, the purpose of a password, metrics. */
const ofLifeCycle =
  /ManageUsers|manage-users|ApiAdmin|api-admin|users\.(read|write|delete)|\/admin\/users\/|latchkey:reset-password|UserChanges|UsersDeleted|PartialChanges/

/** On return nothing of the life cycle is in the template, see prune-template.ts. */
export function removeLifeCycle(template: Template, given: Values = {}, names: readonly string[] = []): void {
  pruneTemplate(template, apartFrom(ofLifeCycle, given, names))
}
