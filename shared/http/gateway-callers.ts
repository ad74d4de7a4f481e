// Reads the caller from what API Gateway hands on: our own authorizer's context, or the IAM principal whose signature it
// verified. Half a context is none; of principals it knows the roles that it is given, and no user or root.
import * as z from 'zod/mini'
import { isSessionOf, parseAssumedRole, type RoleArn } from '../aws/role-arn.ts'
import type { Caller, CallerReader } from './app-environment.ts'

/** API Gateway hands every value over as a string. */
const authorizerContext = z.object({
  authorizer: z.union([
    z.object({
      sub: z.string().check(z.minLength(1)),
      client: z.enum(['machine', 'service']),
      token: z.enum(['user', 'machine']),
      groups: z.optional(z.string()),
      scopes: z.optional(z.string()),
    }),
    z.object({
      sub: z.string(),
      token: z.literal('principal'),
      body_sha256: z.optional(z.string()),
      provisioning_id: z.optional(z.string()),
    }),
  ]),
})

/**
 * A reader of what our authorizer writes. A user with scopes, or a machine with groups, is nothing that it writes: it is
 * nobody. So is one without the names of its own kind. Those of the other kind are empty, and no page of AWS says that a REST
 * API hands on an empty value: an absent one reads as `''`. A principal is one of `provisioners`, to the letter.
 */
export function createAuthorizerReader(provisioners: readonly RoleArn[]): CallerReader {
  return (requestContext) => {
    const parsed = z.safeParse(authorizerContext, requestContext)
    if (!parsed.success) return undefined
    const { authorizer } = parsed.data
    switch (authorizer.token) {
      case 'user': {
        const { sub, client, groups, scopes } = authorizer
        return groups !== undefined && isEmpty(scopes)
          ? { kind: 'user', sub, client, groups: groups.split(' ') }
          : undefined
      }
      case 'machine': {
        const { sub, client, groups, scopes } = authorizer
        return scopes !== undefined && isEmpty(groups)
          ? { kind: 'machine', sub, client, scopes: scopes.split(' ') }
          : undefined
      }
      case 'principal':
        return readPrincipal(authorizer, provisioners)
    }
  }
}

/** Half of what binds a token to its request is nothing that the authorizer writes. */
function readPrincipal(
  {
    sub,
    body_sha256: bodySha256,
    provisioning_id: provisioningId,
  }: {
    readonly sub: string
    readonly body_sha256?: string | undefined
    readonly provisioning_id?: string | undefined
  },
  provisioners: readonly RoleArn[],
): Caller | undefined {
  if (!provisioners.some(({ arn }) => arn === sub)) return undefined
  const principal = { kind: 'principal', principal: 'provisioner', sub } as const
  if (bodySha256 === undefined && provisioningId === undefined) return principal
  if (bodySha256 === undefined || provisioningId === undefined) return undefined
  return { ...principal, boundTo: { bodySha256, provisioningId } }
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
