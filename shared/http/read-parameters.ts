// Reads what stands in place of the parameters of a path, and in the query, within the schemas of the route; it never says what
// it read.
import type { Context } from 'hono'
import * as z from 'zod/mini'
import { parseParameters } from '../contract.ts'
import { ServiceError } from '../errors.ts'
import type { AppEnvironment } from './app-environment.ts'
import type { PathSchema, QuerySchema, RoutePath } from './routed-app.ts'

const withParameters = z.object({ pathParameters: z.record(z.string(), z.string()) })

/** As API Gateway matched and decoded them. Throws `invalid_request` with one entry for each that is wrong. */
export function readPath<P extends RoutePath, Schema extends z.ZodMiniType>(
  c: Context<AppEnvironment, P>,
  schema: Schema & PathSchema<P>,
): z.output<Schema> {
  const { data } = z.safeParse(withParameters, c.env.event)
  return parseParameters<Schema>(schema, data?.pathParameters ?? {})
}

/** Throws as `readPath` does; for a name that comes twice as well, of which nobody knows which one is meant. */
export function readQuery<P extends RoutePath, Schema extends z.ZodMiniObject>(
  c: Context<AppEnvironment, P>,
  schema: Schema & QuerySchema<P>,
): z.output<Schema> {
  const given = Object.entries(c.req.queries())
  const twice = given.filter(([, values]) => values.length > 1)
  if (twice.length > 0) {
    const known = Object.keys(schema.shape)
    // Another name is input, and not repeated.
    const names = new Set(twice.map(([name]) => (known.includes(name) ? name : '')))
    throw new ServiceError('invalid_request', {
      errors: [...names].map((parameter) => ({ parameter, detail: 'must be sent once, with one value' })),
    })
  }
  return parseParameters<Schema>(schema, Object.fromEntries(given.map(([name, [value]]) => [name, value])))
}
