// From API Gateway's event to its answer: a policy, `Unauthorized`, or trouble of our own, and never one for the other.
import type { RequestLogger } from '#shared/logger.ts'
import { AuthorizerError } from './authorizer-error.ts'
import type { AccessClaims } from './access-claims.ts'
import { createDecisionCache, type DecisionCache, type PolicyDecision } from './decision-cache.ts'
import { createPolicy, type AuthorizerResult } from './policy.ts'
import type { TokenRefusal, TokenVerifier } from './token-verifier.ts'

/** The TOKEN authorizer's event, of which nothing is believed: `authorizationToken` is the whole header. */
export type TokenAuthorizerEvent = { readonly authorizationToken?: unknown; readonly methodArn?: unknown }

export type Decision =
  PolicyDecision | { readonly outcome: 'unauthorized'; readonly reason: 'no_bearer_token' | TokenRefusal }

/** What is used of Lambda's own context. */
export type InvocationContext = { readonly awsRequestId?: string }

export type TokenAuthorizer = (event: TokenAuthorizerEvent, context?: InvocationContext) => Promise<AuthorizerResult>

const scheme = 'Bearer '

type Deciders = { readonly verifier: TokenVerifier; readonly decisions: DecisionCache }

/**
 * The decision about one event. Of the header, exactly `Bearer `, in this case and with one space, and the token are
 * taken: RFC 9110 reads the scheme in any case, but API Gateway caches by the header's value, and one token should
 * have one spelling.
 *
 * A bad token is `unauthorized` whatever the rest of the event is like; a good one gets its policy, which may be a
 * denial. Throws, or rejects with, AuthorizerError when it cannot be decided. What is remembered is no promise: waiting
 * for one takes a good part of the time that a known token's decision takes.
 */
export function decide(event: TokenAuthorizerEvent, deps: Deciders, requestId?: string): Decision | Promise<Decision> {
  const { authorizationToken: header, methodArn } = event
  if (typeof header !== 'string' || !header.startsWith(scheme)) {
    return { outcome: 'unauthorized', reason: 'no_bearer_token' }
  }
  const { verifier, decisions } = deps
  const known = decisions.find({ header, methodArn, keySet: verifier.freshKeySet() })
  return known ?? decideAnew({ header, methodArn }, deps, requestId)
}

async function decideAnew(
  { header, methodArn }: { readonly header: string; readonly methodArn: unknown },
  { verifier, decisions }: Deciders,
  requestId: string | undefined,
): Promise<Decision> {
  const verification = await verifier.verify(header.slice(scheme.length), requestId)
  if (!verification.ok) return { outcome: 'unauthorized', reason: verification.reason }
  const { claims, keySet } = verification
  const decision = decidePolicy(claims, methodArn)
  decisions.keep({ header, methodArn, keySet, decision })
  return decision
}

/**
 * The authorizer as API Gateway calls it, with one log line for each decision, remembered ones included: the log is the
 * audit. Throws exactly `Unauthorized` for a bad token (401), and AuthorizerError for trouble of our own (500, so that
 * no denial is cached for it).
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
export function createTokenAuthorizer(deps: {
  readonly verifier: TokenVerifier
  readonly logger: RequestLogger
  readonly now: () => number
}): TokenAuthorizer {
  const deciders = { verifier: deps.verifier, decisions: createDecisionCache({ now: deps.now }) }
  return async (event, context) => {
    const requestId = context?.awsRequestId
    let decision: Decision
    try {
      const made = decide(event, deciders, requestId)
      decision = made instanceof Promise ? await made : made
    } catch (error) {
      throw logTrouble(error, deps.logger, requestId)
    }
    if (decision.outcome === 'unauthorized') {
      deps.logger.warn('Token refused', { reason: decision.reason }, requestId)
      throw new Error('Unauthorized')
    }
    const { result, audit } = decision
    if (result.policyDocument.Statement[0].Effect === 'Allow') deps.logger.info('Access allowed', audit, requestId)
    else deps.logger.warn('Access denied', audit, requestId)
    return result
  }
}

function decidePolicy(claims: AccessClaims, methodArn: unknown): PolicyDecision {
  const result = createPolicy({ methodArn, claims })
  const { Effect, Resource } = result.policyDocument.Statement[0]
  const { sub, client, kind, expiresAt } = claims
  const who = { sub, client, caller_kind: kind }
  const audit =
    Effect === 'Allow'
      ? { ...who, allowed_routes: Resource.length }
      : { ...who, allowed_routes: 0, reason: 'no_route_open' }
  return { outcome: 'policy', result, expiresAt, audit }
}

/** Nothing of a foreign error goes on but its name: its text could hold an address or a part of the token. */
function logTrouble(error: unknown, logger: RequestLogger, requestId: string | undefined): AuthorizerError {
  const trouble = error instanceof AuthorizerError ? error : new AuthorizerError('unexpected')
  const errorName = error instanceof Error ? error.name : typeof error
  logger.error('Authorization failed', { reason: trouble.reason, error_name: errorName }, requestId)
  return trouble
}
