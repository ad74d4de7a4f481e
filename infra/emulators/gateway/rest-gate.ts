// What stands in front of a method of a REST API; it lets nobody through to a method whose gate was not set up.
import type { Caller } from './caller.ts'
import type { CognitoAuthorizer } from './cognito-authorizer.ts'
import type { EmittedResponseType } from './gateway-responses.ts'
import type { IamAuthorizer } from './iam-authorizer.ts'
import { headerValues, type GatewayRequest } from './loopback-server.ts'
import type { AuthorizerContext } from './rest-event.ts'
import type { SignedRequest } from './sig-v4.ts'
import type { TokenAuthorizer } from './token-authorizer.ts'

/** Nothing, the Lambda authorizer, IAM, or API Gateway's own authorizer for Cognito. */
export type Authorization =
  | { readonly kind: 'none' | 'token' | 'iam' }
  | { readonly kind: 'cognito'; readonly scopes: readonly [string, ...string[]] }

export type Authorizers = {
  readonly token: TokenAuthorizer | undefined
  readonly iam: IamAuthorizer | undefined
  readonly cognito: CognitoAuthorizer | undefined
}

/** What the event will say of whoever calls. */
export type Admission = { readonly authorizer: AuthorizerContext | undefined; readonly signer: Caller | undefined }

export type GateRefusal = {
  readonly effect: 'refuse'
  readonly responseType: EmittedResponseType
  readonly reason: string
  /** Goes out as `x-amzn-errortype`, where what AWS says there is known. */
  readonly errorType?: string
}

export type GateDecision = { readonly effect: 'allow'; readonly admission: Admission } | GateRefusal

export type Gate = (request: SignedRequest, methodArn: string) => Promise<GateDecision>

/** Throws RangeError when `authorizers` lacks the one that is asked for. */
export function createGate(authorization: Authorization, authorizers: Authorizers): Gate {
  switch (authorization.kind) {
    case 'none':
      return () => Promise.resolve(admit({}))
    case 'token': {
      const authorizer = present(authorizers.token, 'token')
      return async (request, methodArn) => {
        const decision = await authorizer.authorize({ token: authorizationHeader(request), methodArn })
        return decision.effect === 'allow' ? admit({ authorizer: decision.context }) : decision
      }
    }
    case 'iam': {
      const authorize = present(authorizers.iam, 'iam')
      return async (request, methodArn) => {
        const decision = await authorize(request, methodArn)
        return decision.effect === 'allow' ? admit({ signer: decision.caller }) : decision
      }
    }
    case 'cognito': {
      const authorize = present(authorizers.cognito, 'cognito')
      const { scopes } = authorization
      return async (request) => {
        const decision = await authorize({ token: authorizationHeader(request), scopes })
        return decision.effect === 'allow' ? admit({ authorizer: { claims: decision.claims } }) : decision
      }
    }
  }
}

function admit({ authorizer, signer }: Partial<Admission>): GateDecision {
  return { effect: 'allow', admission: { authorizer, signer } }
}

function present<T>(authorizer: T | undefined, kind: string): T {
  if (authorizer !== undefined) return authorizer
  throw new RangeError(`a route wants authorization of the kind ${kind}, which is not set up`)
}

/** Two headers are joined as HTTP joins them: what AWS does is not documented, and no token has a comma. */
function authorizationHeader(request: GatewayRequest): string | undefined {
  const values = headerValues(request.headers, 'authorization')
  return values.length > 0 ? values.join(', ') : undefined
}
