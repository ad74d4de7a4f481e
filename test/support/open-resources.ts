import { routesOpenTo, type Identity } from '#shared/access-rules.ts'

/** What a policy of the stage lists for `identity`: one resource for each route that the table opens to it. */
export function openResources(stageArn: string, identity: Identity): string[] {
  return routesOpenTo(identity).map(({ method, path }) => `${stageArn}/${method}${path}`)
}
