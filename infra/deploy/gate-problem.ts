// Says whether each route of App2 has, in the template, the gate that the table of routes gives it: serverless.yml names the
// gates one by one, and a line that is lost there would open a route.
import * as z from 'zod/mini'
import { findAccessRule } from '#shared/access-rules.ts'
import type { Template } from './finish-template.ts'
import { authorizationFor, type PairModes } from './modes.ts'

const authorizationTypes = { none: 'NONE', iam: 'AWS_IAM', token: 'CUSTOM', cognito: 'COGNITO_USER_POOLS' } as const

const reference = z.object({ Ref: z.string() })
const method = z.object({ HttpMethod: z.string(), ResourceId: reference, AuthorizationType: z.string() })
const pathPart = z.object({ PathPart: z.string(), ParentId: z.union([reference, z.unknown()]) })

/** What is wrong with the first route that is not guarded as it should be; undefined when all are. */
export function gateProblem({ Resources: resources }: Template, chosen: PairModes): string | undefined {
  for (const { Type, Properties } of Object.values(resources)) {
    if (Type !== 'AWS::ApiGateway::Method') continue
    const { HttpMethod, ResourceId, AuthorizationType } = method.parse(Properties)
    const path = pathOf(ResourceId, resources)
    const rule = findAccessRule(HttpMethod, path)
    if (rule === undefined) return `${HttpMethod} ${path} is not in shared/access-rules.ts, which names every route.`
    const wanted = authorizationTypes[authorizationFor(rule, chosen).kind]
    if (AuthorizationType === wanted) continue
    return (
      `${HttpMethod} ${path} would be behind ${AuthorizationType}, and has to be behind ${wanted}: ` +
      'its function in serverless.yml needs `events: ${mode(<function>):routes}`.'
    )
  }
  return undefined
}

function pathOf(resourceId: unknown, resources: Template['Resources']): string {
  const { data } = reference.safeParse(resourceId)
  if (data === undefined) return ''
  const { PathPart, ParentId } = pathPart.parse(resources[data.Ref]?.Properties)
  return `${pathOf(ParentId, resources)}/${PathPart}`
}
