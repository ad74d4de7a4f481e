// Finds the route of a request by its method and raw path; it normalises nothing but, for a REST API, one last slash.
import { splitTarget } from './event-parts.ts'

type Route = { readonly method: string; readonly path: string }

const methods = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE'])

/**
 * A lookup over `routes`. With `forgivesSlash` a path with one slash behind it finds the same route, as a REST API's
 * resources are found; an HTTP API's routes are not. Throws RangeError for a route that is not explicit (`ANY`, `{proxy+}`, a trailing slash) or
 * is there twice. A dot segment, an escape, a doubled slash, a backslash, another case and an absolute form in the
 * target all make another path, so they find nothing: what AWS normalises before it routes is not documented.
 */
export function createRouteTable<R extends Route>(
  routes: readonly R[],
  { forgivesSlash }: { readonly forgivesSlash: boolean },
): (request: { readonly method: string; readonly target: string }) => R | undefined {
  const table = new Map<string, R>()
  for (const route of routes) {
    const key = `${route.method} ${route.path}`
    if (!methods.has(route.method) || !/^(\/[\w-]+)+$/.test(route.path)) {
      throw new RangeError(`${key} is not an explicit route`)
    }
    if (table.has(key)) throw new RangeError(`${key} is there twice`)
    table.set(key, route)
  }
  return ({ method, target }) => {
    const { path } = splitTarget(target)
    return table.get(`${method} ${forgivesSlash ? path.replace(/\/$/, '') : path}`)
  }
}
