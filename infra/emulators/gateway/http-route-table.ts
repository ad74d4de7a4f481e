// Finds the route of a request to an HTTP API, and what stands in its path for the route's parameters.
import { splitTarget } from './event-parts.ts'
import { isRouteMethod, type Route } from './route-table.ts'

export type HttpRouteMatch<R extends Route> =
  | {
      readonly ok: true
      readonly route: R
      /** `rawPath` of the event, which for all its name is decoded. */
      readonly path: string
      /** By the name between the braces; empty for a route without parameters. */
      readonly pathParameters: Readonly<Record<string, string>>
    }
  | { readonly ok: false; readonly status: 400 | 404 }

/**
 * A lookup over `routes`, whose segments are names or parameters (`{name}`), each one whole segment; of two routes that
 * fit, the one with a name where the other has a parameter is found. Throws RangeError for a route of another form
 * (`ANY`, `{proxy+}`, a trailing slash), for one that is there twice whatever its parameters are called, and for a
 * parameter that is twice in one route.
 *
 * AWS documents that parameters reach the function decoded. As captured on real HTTP APIs, the path is decoded before
 * it is routed, ends there at a `?` that was escaped, and is decoded once more for the event: `%2F` divides segments,
 * `%252F` is a slash inside of one, and a path that is not decodable twice (`%25x`) is a 400:
 * https://github.com/hotsock/voker/pull/8, https://github.com/fastify/aws-lambda-fastify/issues/169. What AWS makes of
 * empty and dot segments is not known: they fit no parameter, since a signature does not cover them.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
 */
export function createHttpRouteTable<R extends Route>(
  routes: readonly R[],
): (request: { readonly method: string; readonly target: string }) => HttpRouteMatch<R> {
  const table = routes.map((route) => ({ route, template: parseTemplate(route) }))
  const shapes = table.map(({ route, template }) =>
    [route.method, ...template.map(({ text }) => text ?? '{}')].join('/'),
  )
  const double = table.find((_, index) => shapes.indexOf(shapes[index] ?? '') !== index)?.route
  if (double !== undefined) throw new RangeError(`${double.method} ${double.path} is there twice`)
  const bySpecificity = table.toSorted((a, b) => rank(a.template) - rank(b.template))
  return ({ method, target }) => {
    const path = decode(splitTarget(target).path)?.split('?', 1)[0]
    const decodedTwice = path === undefined ? undefined : decode(path)
    if (path === undefined || decodedTwice === undefined) return { ok: false, status: 400 }
    const [beforeSlash, ...segments] = path.split('/')
    const found = bySpecificity.find(({ route, template }) => route.method === method && fits(template, segments))
    if (found === undefined || beforeSlash !== '') return { ok: false, status: 404 }
    const pathParameters = found.template.flatMap(({ parameter }, index): [string, string][] =>
      parameter === undefined ? [] : [[parameter, decode(segments[index] ?? '') ?? '']],
    )
    return { ok: true, route: found.route, path: decodedTwice, pathParameters: Object.fromEntries(pathParameters) }
  }
}

type Segment =
  { readonly text: string; readonly parameter?: never } | { readonly parameter: string; readonly text?: never }

function parseTemplate(route: Route): Segment[] {
  const key = `${route.method} ${route.path}`
  if (!isRouteMethod(route.method) || !/^(\/([\w-]+|\{\w+\}))+$/.test(route.path)) {
    throw new RangeError(`${key} is not an explicit route`)
  }
  const segments = route.path
    .slice(1)
    .split('/')
    .map((text) => (text.startsWith('{') ? { parameter: text.slice(1, -1) } : { text }))
  const names = segments.flatMap(({ parameter }) => parameter ?? [])
  if (new Set(names).size < names.length) throw new RangeError(`${key} has a parameter twice`)
  return segments
}

/** The lower, the earlier its names stand: a binary number with a 1 for each parameter. */
function rank(template: readonly Segment[]): number {
  return template.reduce((sum, { parameter }) => sum * 2 + (parameter === undefined ? 0 : 1), 0)
}

function fits(template: readonly Segment[], segments: readonly string[]): boolean {
  if (template.length !== segments.length) return false
  return template.every(({ text }, index) => {
    const segment = segments[index] ?? ''
    return text === undefined ? !['', '.', '..'].includes(segment) : segment === text
  })
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
