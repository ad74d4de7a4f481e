// The routes, and who may call which of them; it never guesses: what is not in here is closed. It loads nothing, for the
// authorizer's sake: what the routes take and answer is in routes.ts.

/** Machine users are in `api-client` and `api-admin`, service users in `service-user`. */
export type Group = 'api-client' | 'api-admin' | 'service-user'

/** `<resource server>/<name>`, as a token of the pool carries it. */
export type Scope =
  'app2/users.create' | 'app2/users.read' | 'app2/users.write' | 'app2/users.delete' | 'app2/sample.call'

/** Which callers an app client of the pool was made for. Users and machines come through clients of their own. */
export type ClientKind = 'machine' | 'service'

/** An IAM role that needs no token, because API Gateway has verified its signature: App1's own. */
export type Principal = 'provisioner'

/** What a role on App1's list of callers may ask for. */
export const permissions = ['create', 'read', 'write', 'delete'] as const

export type Permission = (typeof permissions)[number]

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/**
 * Who may call a gated route, through a client of this kind: a user by `group`, a machine by `scope`. And, where one is
 * named, an IAM `principal`, without any client; where none is, IAM opens the route to nobody.
 */
export type Access =
  | 'public'
  | {
      readonly client: ClientKind
      readonly group: Group
      readonly scope: Scope
      readonly principal?: Principal
    }

export type AccessRule = { readonly method: Method; readonly path: string; readonly access: Access }

/**
 * IAM stands in front of all of App1: whom it lets through is `signed`; a route with a permission is for the roles that are
 * on the list of callers with it. `{name}` in a path is one segment.
 */
export type App1Rule = {
  readonly method: Method
  readonly path: string
  readonly access: Permission | 'signed'
}

/**
 * What is known of a caller once its credential was verified. `groups` and `scopes` may hold names that the table does not
 * know. Each kind has one way to open a route, and none of another's: a user has no scopes, and a machine no groups.
 */
export type Identity =
  | { readonly kind: 'user'; readonly client: ClientKind; readonly groups: readonly string[] }
  | { readonly kind: 'machine'; readonly client: ClientKind; readonly scopes: readonly string[] }
  | {
      readonly kind: 'principal'
      readonly principal: Principal
      /** A token that was made for one creation opens that route alone, and there only with that body. */
      readonly boundTo?: { readonly bodySha256: string; readonly provisioningId: string }
    }

/** A row of the function manage-users. POST and fixed paths, so that the authorizer's policy names each without a wildcard. */
const manages = <const Path extends string, S extends Scope>(path: Path, scope: S) =>
  ({
    method: 'POST',
    path: `/admin/users/${path}`,
    access: { client: 'machine', group: 'api-admin', scope, principal: 'provisioner' },
  }) as const

/** App2's. Neither group nor scope opens anything by itself: a service client's token never passes for the machine's. */
export const accessRules = [
  {
    method: 'POST',
    path: '/admin/create-user',
    access: { client: 'machine', group: 'api-client', scope: 'app2/users.create', principal: 'provisioner' },
  },
  {
    method: 'POST',
    path: '/admin/check-users',
    access: { client: 'machine', group: 'api-client', scope: 'app2/users.create', principal: 'provisioner' },
  },
  manages('read', 'app2/users.read'),
  manages('list', 'app2/users.read'),
  manages('disable', 'app2/users.write'),
  manages('enable', 'app2/users.write'),
  manages('reset-password', 'app2/users.write'),
  manages('add-to-group', 'app2/users.write'),
  manages('remove-from-group', 'app2/users.write'),
  manages('delete', 'app2/users.delete'),
  {
    method: 'POST',
    path: '/sample',
    access: { client: 'service', group: 'service-user', scope: 'app2/sample.call' },
  },
  { method: 'GET', path: '/health', access: 'public' },
] as const satisfies readonly AccessRule[]

export const app1Rules = [
  { method: 'POST', path: '/create-service-user', access: 'create' },
  { method: 'GET', path: '/service-users', access: 'read' },
  { method: 'GET', path: '/service-users/{username}', access: 'read' },
  { method: 'POST', path: '/service-users/{username}/disable', access: 'write' },
  { method: 'POST', path: '/service-users/{username}/enable', access: 'write' },
  { method: 'POST', path: '/service-users/{username}/reset-password', access: 'write' },
  { method: 'PUT', path: '/service-users/{username}/groups/{group}', access: 'write' },
  { method: 'DELETE', path: '/service-users/{username}/groups/{group}', access: 'write' },
  { method: 'DELETE', path: '/service-users/{username}', access: 'delete' },
  { method: 'POST', path: '/jobs', access: 'create' },
  { method: 'GET', path: '/jobs/{id}', access: 'create' },
  { method: 'GET', path: '/jobs/{id}/rows', access: 'create' },
  { method: 'POST', path: '/jobs/{id}/cancel', access: 'create' },
  { method: 'GET', path: '/health', access: 'signed' },
] as const satisfies readonly App1Rule[]

/** The paths of the routes that not everybody may call. */
export type GatedPath = Exclude<(typeof accessRules)[number], { readonly access: 'public' }>['path']

const gates = accessRules.flatMap(({ access }) => (access === 'public' ? [] : [access]))

/** The groups that open anything, in the order of the table. */
export const knownGroups: readonly Group[] = [...new Set(gates.map(({ group }) => group))]

/** Those of them that open routes to the machine's users. */
export const machineGroups: readonly Group[] = [
  ...new Set(gates.filter(({ client }) => client === 'machine').map(({ group }) => group)),
]

/** The scopes that open anything, in the order of the table. */
export const knownScopes: readonly Scope[] = [...new Set(gates.map(({ scope }) => scope))]

/** What tokens that are made for one request are made for. */
export const creationPath = '/admin/create-user' satisfies GatedPath

/** The rule for exactly this method and path, or undefined: then the route is refused to everybody. */
export function findAccessRule(method: string, path: string): AccessRule | undefined {
  return accessRules.find((rule) => rule.method === method && rule.path === path)
}

/** Whether `identity` may call the route of `rule`: by the exact name that the row has for its kind, and its client. */
export function opens({ access, path }: AccessRule, identity: Identity): boolean {
  if (access === 'public') return true
  switch (identity.kind) {
    case 'user':
      return identity.client === access.client && identity.groups.includes(access.group)
    case 'machine':
      return identity.client === access.client && identity.scopes.includes(access.scope)
    case 'principal':
      return identity.principal === access.principal && (identity.boundTo === undefined || path === creationPath)
  }
}

/** Every gated route that `identity` opens. Public routes are not listed: no authorizer stands in front of them. */
export function routesOpenTo(identity: Identity): AccessRule[] {
  return accessRules.filter((rule) => rule.access !== 'public' && opens(rule, identity))
}
