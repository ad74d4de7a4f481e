// What jobs=off leaves out. The resources of jobs stand in templates of their own, which are read with jobs=on alone: here is what
// the others hold for jobs.
import type { App1Function, App2Function } from '#shared/routes.ts'
import type { Template } from './finish-template.ts'
import type { Values } from './given-parameters.ts'
import { apartFrom, pruneTemplate } from './prune-template.ts'

/** The functions that serve the routes of jobs. */
const servers: readonly string[] = ['jobs', 'check-users'] satisfies (App1Function | App2Function)[]

/** Whether the route is there for jobs and forecasts alone. */
export function isOfJobs({ function: server }: { readonly function?: App1Function | App2Function }): boolean {
  return server !== undefined && servers.includes(server)
}

/** Roles in the policies of what is shared, a route, and what the dashboard shows of functions, queue and logs. */
const ofJobs =
  /\bJobs(Role|LogGroup)|JobWorker|Rows(NotCreated|GivenUp|NotWorkedOff)|CheckUsers|check-users|job-worker|job-rows|job-human|-jobs"/

/** On return nothing of jobs is in the template, see prune-template.ts. */
export function removeJobs(template: Template, given: Values = {}, names: readonly string[] = []): void {
  pruneTemplate(template, apartFrom(ofJobs, given, names))
}
