// The one table that says who may call which route of App2; it never guesses: what is not in it is closed.

export type Group = 'api-client' | 'service-user'

/** Which of the pool's two app clients a token was issued to. */
export type ClientKind = 'machine' | 'service'

export type Method = 'GET' | 'POST'

export type Access = 'public' | { readonly group: Group; readonly client: ClientKind }

export type AccessRule = { readonly method: Method; readonly path: string; readonly access: Access }

/** What a verified token says of its bearer. `groups` may hold names that the table does not know. */
export type Identity = { readonly client: ClientKind; readonly groups: readonly string[] }

/** Group membership alone opens nothing: a service client's token never passes for the machine's. */
export const accessRules = [
  { method: 'POST', path: '/admin/create-user', access: { group: 'api-client', client: 'machine' } },
  { method: 'POST', path: '/sample', access: { group: 'service-user', client: 'service' } },
  { method: 'GET', path: '/health', access: 'public' },
] as const satisfies readonly AccessRule[]

/** The groups that open anything, in the order of the table. */
export const knownGroups: readonly Group[] = [
  ...new Set(accessRules.flatMap(({ access }) => (access === 'public' ? [] : [access.group]))),
]

/** The rule for exactly this method and path, or undefined: then the route is closed. */
export function findAccessRule(method: string, path: string): AccessRule | undefined {
  return accessRules.find((rule) => rule.method === method && rule.path === path)
}

/** Whether `identity` may call the route of `rule`: the exact group, and the client that the row names. */
export function opens(rule: AccessRule, identity: Identity): boolean {
  if (rule.access === 'public') return true
  return identity.client === rule.access.client && identity.groups.includes(rule.access.group)
}

/** Every gated route that `identity` opens. Public routes are not listed: no authorizer stands in front of them. */
export function routesOpenTo(identity: Identity): AccessRule[] {
  return accessRules.filter((rule) => rule.access !== 'public' && opens(rule, identity))
}
