// Compares the routes of a deployed REST API with the access table; it calls none of them.
import * as z from 'zod/mini'
import { isOfJobs } from '#infra/deploy/without-jobs.ts'
import { routes } from '#shared/routes.ts'
import type { CallApi } from './moto-api.ts'

const answer = z.object({
  item: z.array(
    z.object({
      path: z.string(),
      resourceMethods: z.optional(z.record(z.string(), z.object({ authorizationType: z.string() }))),
    }),
  ),
})

/** Each route that is missing, too much, or behind the wrong gate: `CUSTOM` is an authorizer, `NONE` is open. */
export async function routeProblems(call: CallApi, apiId: string): Promise<string[]> {
  const resources = await call({ service: 'apigateway', method: 'GET', path: `/restapis/${apiId}/resources` })
  const deployed = answer
    .parse(JSON.parse(resources))
    .item.flatMap(({ path, resourceMethods = {} }) =>
      Object.entries(resourceMethods).map(
        ([method, { authorizationType }]) => `${method} ${path} ${authorizationType}`,
      ),
    )
  // The deployment has jobs off, as by default.
  const rules = routes.app2.filter((route) => !isOfJobs(route))
  const expected = rules.map(
    ({ method, path, access }) => `${method} ${path} ${access === 'public' ? 'NONE' : 'CUSTOM'}`,
  )
  return [
    ...expected.filter((route) => !deployed.includes(route)).map((route) => `${route} is missing`),
    ...deployed.filter((route) => !expected.some((other) => other === route)).map((route) => `${route} is too much`),
  ]
}
