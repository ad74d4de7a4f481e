// Arbitrary bearers of tokens, with names near those that open something, and what the access table says of them.
import fc from 'fast-check'
import type { TokenIdentity } from '#services/app2-accounts/authorizer/access-claims.ts'
import { accessRules, knownGroups, knownScopes, type ClientKind } from '#shared/access-rules.ts'
import { testPool } from '#test/support/tokens.ts'

const group = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<string>(...knownGroups) },
  fc.constantFrom('API-CLIENT', 'api-client ', 'service-user,api-client', 'api-client service-user', '*', ''),
  fc.constantFrom<string>(...knownScopes),
  fc.string({ maxLength: 12 }),
)

/** As a `scope` claim can hold them: no white space, never empty. */
const scope = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<string>(...knownScopes) },
  fc.constantFrom('APP2/users.create', 'app2/users.create.x', 'app2/users', 'app3/sample.call', 'app2/*', '*'),
  fc.constantFrom<string>(...knownGroups, knownScopes.join(',')),
  fc.stringMatching(/^[\x21\x23-\x5b\x5d-\x7e]{1,12}$/),
)

const client = fc.constantFrom<ClientKind>('machine', 'service')

export const tokenIdentity: fc.Arbitrary<TokenIdentity> = fc.oneof(
  fc.record({ kind: fc.constant('user' as const), client, groups: fc.array(group, { maxLength: 5 }) }),
  fc.record({ kind: fc.constant('machine' as const), client, scopes: fc.array(scope, { maxLength: 5 }) }),
)

/** The table, read once more and without any code of the gate. */
export function tableAllows(who: TokenIdentity, route: { readonly method: string; readonly path: string }): boolean {
  return accessRules.some(({ method, path, access }) => {
    if (method !== route.method || path !== route.path || access === 'public') return false
    const names: readonly string[] = who.kind === 'user' ? who.groups : who.scopes
    return access.client === who.client && names.includes(who.kind === 'user' ? access.group : access.scope)
  })
}

const clientIds = {
  user: { machine: testPool.machineClientId, service: testPool.serviceClientId },
  machine: { machine: testPool.machineScopeClientId, service: testPool.serviceScopeClientId },
} as const

/** What the pool writes into a token of this bearer. */
export function claimsOf(who: TokenIdentity): Record<string, unknown> {
  const client_id = clientIds[who.kind][who.client]
  if (who.kind === 'user') return { client_id, 'cognito:groups': who.groups }
  const scope = who.scopes.length > 0 ? who.scopes.join(' ') : undefined
  return { client_id, username: undefined, 'cognito:groups': undefined, scope }
}
