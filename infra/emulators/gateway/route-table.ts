// Finds the route of a request to a REST API by its method and raw path; it normalises nothing but one last slash.
import { splitTarget } from './event-parts.ts'

export type Route = { readonly method: string; readonly path: string }

const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])

export function isRouteMethod(method: string): boolean {
  return methods.has(method)
}

/**
 * A lookup over `routes`; a path with one slash behind it finds the same route. Throws RangeError for a route that is
 * not explicit (`ANY`, `{id}`, `{proxy+}`, a trailing slash) or is there twice. A dot segment, an escape, a doubled
 * slash, a backslash, another case and an absolute form in the target all make another path, so they find nothing: what
 * AWS normalises before it routes is not documented.
 */
export function createRouteTable<R extends Route>(
  routes: readonly R[],
): (request: { readonly method: string; readonly target: string }) => R | undefined {
  const table = new Map<string, R>()
  for (const route of routes) {
    const key = `${route.method} ${route.path}`
    if (!isRouteMethod(route.method) || !/^(\/[\w-]+)+$/.test(route.path)) {
      throw new RangeError(`${key} is not an explicit route`)
    }
    if (table.has(key)) throw new RangeError(`${key} is there twice`)
    table.set(key, route)
  }
  return ({ method, target }) => table.get(`${method} ${splitTarget(target).path.replace(/\/$/, '')}`)
}
