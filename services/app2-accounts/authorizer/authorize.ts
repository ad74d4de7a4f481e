// From API Gateway's event to its answer: a policy, `Unauthorized`, or an internal failure, and never one for the other.
import { KeySetError } from '#shared/jwt/key-set-error.ts'
import { bindFields, type Logger } from '#shared/logger.ts'
import type { AccessClaims } from './access-claims.ts'
import { AuthorizerError } from './authorizer-error.ts'
import { readBearerToken } from './bearer-token.ts'
import { createPolicy, type AuthorizerResult } from './policy.ts'
import type { TokenRefusal, TokenVerifier } from './token-verifier.ts'

/** The TOKEN authorizer's event, of which nothing is believed: `authorizationToken` is the whole header. */
export type TokenAuthorizerEvent = { readonly authorizationToken?: unknown; readonly methodArn?: unknown }

export type Decision =
  | { readonly outcome: 'policy'; readonly claims: AccessClaims; readonly result: AuthorizerResult }
  | { readonly outcome: 'unauthorized'; readonly reason: 'no_bearer_token' | TokenRefusal }

/** What is used of Lambda's own context. */
export type InvocationContext = { readonly awsRequestId?: string }

export type TokenAuthorizer = (event: TokenAuthorizerEvent, context?: InvocationContext) => Promise<AuthorizerResult>

type Verifier = Pick<TokenVerifier, 'verify'>

/**
 * The decision about one event. A bad token is `unauthorized` whatever the rest of the event is like; a good one gets
 * its policy, which may be a denial. Throws AuthorizerError or KeySetError when it cannot be decided.
 */
export async function decide(
  { authorizationToken, methodArn }: TokenAuthorizerEvent,
  verifier: Verifier,
  requestId?: string,
): Promise<Decision> {
  const unverifiedToken = readBearerToken(authorizationToken)
  if (unverifiedToken === undefined) return { outcome: 'unauthorized', reason: 'no_bearer_token' }
  const verification = await verifier.verify(unverifiedToken, requestId)
  if (!verification.ok) return { outcome: 'unauthorized', reason: verification.reason }
  const { claims } = verification
  return { outcome: 'policy', claims, result: createPolicy({ methodArn, claims }) }
}

/**
 * The authorizer as API Gateway calls it, with one log line for each decision, that about a known token included: the log
 * is the audit. Throws exactly `Unauthorized` for a bad token (401), and AuthorizerError for an internal failure (500, so that
 * no denial is cached for it).
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
export function createTokenAuthorizer(deps: { readonly verifier: Verifier; readonly logger: Logger }): TokenAuthorizer {
  return async (event, context) => {
    const requestId = context?.awsRequestId
    const logger = bindFields(deps.logger, { request_id: requestId })
    let decision: Decision
    try {
      decision = await decide(event, deps.verifier, requestId)
    } catch (error) {
      throw logFailure(error, logger)
    }
    if (decision.outcome === 'unauthorized') {
      logger.warn('Token refused', { reason: decision.reason })
      throw new Error('Unauthorized')
    }
    logPolicy(decision, logger)
    return decision.result
  }
}

function logPolicy({ claims, result }: Extract<Decision, { outcome: 'policy' }>, logger: Logger): void {
  const { Effect, Resource } = result.policyDocument.Statement[0]
  const { sub, kind } = claims
  const client = kind === 'principal' ? undefined : claims.client
  const who = { sub, client, caller_kind: kind }
  if (Effect === 'Allow') logger.info('Token accepted', { ...who, allowed_routes: Resource.length })
  else logger.warn('Access denied', { ...who, allowed_routes: 0, reason: 'no_route_open' })
}

function toFailure(error: unknown): AuthorizerError {
  if (error instanceof AuthorizerError) return error
  return new AuthorizerError(error instanceof KeySetError ? error.reason : 'unexpected')
}

/** Nothing of a foreign error goes on but its name: its text could hold an address or a part of the token. */
function logFailure(error: unknown, logger: Logger): AuthorizerError {
  const failure = toFailure(error)
  const errorName = error instanceof Error ? error.name : typeof error
  logger.error('Authorization failed', { reason: failure.reason, error_name: errorName })
  return failure
}
