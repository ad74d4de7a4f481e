// Reads the caller from what our own authorizer put into its context; half a context is none.
import * as z from 'zod/mini'
import type { CallerReader } from './caller.ts'

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
