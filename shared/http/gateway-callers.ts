// Reads the caller from what API Gateway hands on: our own authorizer's context, or the IAM principal whose signature it
// verified. Half a context is none; of principals it knows the roles that it is given, and no user or root.
import * as z from 'zod/mini'
import { isSessionOf, parseAssumedRole, type RoleArn } from '../aws/role-arn.ts'
import type { CallerReader } from './app-environment.ts'

/** API Gateway hands every value over as a string. */
const authorizerContext = z.object({
  authorizer: z.object({
    sub: z.string().check(z.minLength(1)),
    client: z.enum(['machine', 'service']),
    token: z.enum(['user', 'machine']),
    groups: z.optional(z.string()),
    scopes: z.optional(z.string()),
  }),
})

/**
 * A user with scopes, or a machine with groups, is nothing that the authorizer writes: it is nobody. So is one without
 * the names of its own kind. Those of the other kind are empty, and no page of AWS says that a REST API hands on an
 * empty value: an absent one reads as `''`.
 */
export const readAuthorizerCaller: CallerReader = (requestContext) => {
  const parsed = z.safeParse(authorizerContext, requestContext)
  if (!parsed.success) return undefined
  const { sub, client, token, groups, scopes } = parsed.data.authorizer
  switch (token) {
    case 'user':
      return groups !== undefined && isEmpty(scopes)
        ? { kind: 'user', sub, client, groups: groups.split(' ') }
        : undefined
    case 'machine':
      return scopes !== undefined && isEmpty(groups)
        ? { kind: 'machine', sub, client, scopes: scopes.split(' ') }
        : undefined
  }
}

function isEmpty(names: string | undefined): boolean {
  return names === undefined || names === ''
}

/** What a REST API's `AWS_IAM` authorization says. For any other authorization `userArn` is null. */
const iamContext = z.object({ identity: z.object({ userArn: z.string() }) })

/** A reader that takes every session of one of `provisioners`, whatever its name, for App1, and nobody else for anybody. */
export function createIamReader(provisioners: readonly RoleArn[]): CallerReader {
  return (requestContext) => {
    const parsed = z.safeParse(iamContext, requestContext)
    const session = parsed.success ? parseAssumedRole(parsed.data.identity.userArn) : undefined
    const role = session && provisioners.find((provisioner) => isSessionOf(provisioner, session))
    return role && { kind: 'principal', principal: 'provisioner', sub: role.arn }
  }
}
