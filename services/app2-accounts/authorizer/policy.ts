// Turns what a token's bearer may do into an IAM policy for API Gateway; it never allows a route that the table does not.
import {
  accessRules,
  knownGroups,
  knownScopes,
  routesOpenTo,
  type AccessRule,
  type ClientKind,
  type Identity,
} from '#shared/access-rules.ts'
import type { AccessClaims } from './access-claims.ts'
import { AuthorizerError } from './authorizer-error.ts'

/** What API Gateway expects of a TOKEN authorizer. All values of `context` are flat: it refuses arrays and objects. */
export type AuthorizerResult = {
  readonly principalId: string
  readonly policyDocument: {
    readonly Version: '2012-10-17'
    readonly Statement: readonly [
      {
        readonly Action: 'execute-api:Invoke'
        readonly Effect: 'Allow' | 'Deny'
        readonly Resource: readonly string[]
      },
    ]
  }
  readonly context: {
    readonly sub: string
    readonly token: Identity['kind']
    readonly client?: ClientKind
    /** Separated by spaces, and only those that the access table knows: the whole result may have 8 kB. */
    readonly groups?: string
    readonly scopes?: string
    /** Of a principal's token that is for one creation alone. */
    readonly body_sha256?: string
    readonly provisioning_id?: string
  }
}

/**
 * Up to the stage, without a wildcard in any part: what comes out of here is written into a policy. A method and a
 * path must follow, though nothing is decided by them.
 */
const methodArnForm =
  /^(arn:aws[a-z-]{0,20}:execute-api:[a-z0-9-]{1,30}:\d{12}:[a-z0-9]{1,64}\/[\w-]{1,128})\/[A-Z]{1,20}\/[\x21-\x7e]{0,1600}$/

/**
 * A policy that is right for every request with the same token, since API Gateway caches it by the token: all routes
 * of that API and stage that the identity opens, not only the one that was asked for, and never `*`. For one that opens
 * none, an explicit Deny of every route that has an authorizer.
 *
 * Throws AuthorizerError for a `methodArn` that is not `arn:…:execute-api:<region>:<account>:<api>/<stage>/<METHOD>/<path>`.
 */
export function createPolicy(options: {
  readonly methodArn: unknown
  readonly claims: Identity & Pick<AccessClaims, 'sub'>
}): AuthorizerResult {
  const { claims } = options
  const { sub, kind: token } = claims
  const stageArn = parseStageArn(options.methodArn)
  const open = routesOpenTo(claims)
  const Effect = open.length > 0 ? 'Allow' : 'Deny'
  const Resource = (Effect === 'Allow' ? open : gatedRoutes).map(({ method, path }) => `${stageArn}/${method}${path}`)
  return {
    principalId: sub,
    policyDocument: { Version: '2012-10-17', Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }] },
    context: { sub, token, ...contextOf(claims) },
  }
}

const gatedRoutes: readonly AccessRule[] = accessRules.filter(({ access }) => access !== 'public')

/** `arn:…:execute-api:<region>:<account>:<api>/<stage>` of a method's ARN. Throws AuthorizerError for anything else. */
function parseStageArn(methodArn: unknown): string {
  const stageArn = typeof methodArn === 'string' ? methodArnForm.exec(methodArn)?.[1] : undefined
  if (stageArn === undefined) throw new AuthorizerError('invalid_method_arn')
  return stageArn
}

/** What App2's functions check the caller by, see shared/http/gateway-callers.ts. */
function contextOf(claims: Identity): Omit<AuthorizerResult['context'], 'sub' | 'token'> {
  switch (claims.kind) {
    case 'user':
      return { client: claims.client, groups: pick(knownGroups, claims.groups), scopes: '' }
    case 'machine':
      return { client: claims.client, groups: '', scopes: pick(knownScopes, claims.scopes) }
    case 'principal': {
      const { boundTo } = claims
      return boundTo === undefined ? {} : { body_sha256: boundTo.bodySha256, provisioning_id: boundTo.provisioningId }
    }
  }
}

function pick(known: readonly string[], names: readonly string[]): string {
  return known.filter((name) => names.includes(name)).join(' ')
}
