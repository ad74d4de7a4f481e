// What humanIssuers=none leaves out of the templates: the permissions by which a job keeps whose token asked for it.
import type { Template } from './finish-template.ts'
import type { Values } from './given-parameters.ts'
import { apartFrom, pruneTemplate } from './prune-template.ts'

/** The purpose in the conditions of the key's policy and of the roles'. */
const ofHumans = /latchkey:job-human/

/** On return nothing of it is in the template, see prune-template.ts. */
export function removeHumans(template: Template, given: Values = {}, names: readonly string[] = []): void {
  pruneTemplate(template, apartFrom(ofHumans, given, names))
}
