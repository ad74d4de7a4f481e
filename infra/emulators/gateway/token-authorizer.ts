// A TOKEN authorizer as API Gateway runs it: expression, function, cache, policy; it never caches a failure.
import * as z from 'zod/mini'
import type { EmittedResponseType } from './gateway-responses.ts'
import { evaluatePolicy, MalformedPolicyError, parsePolicy, type Policy } from '../iam-policy.ts'
import type { LambdaFunction } from './lambda-function.ts'
import { TimeLimitError, withinTimeLimit } from './time-limit.ts'

export type AuthorizerDecision =
  | {
      readonly effect: 'allow'
      /** What the function behind finds in `requestContext.authorizer`. */
      readonly context: Readonly<Record<string, string | number>>
    }
  | { readonly effect: 'refuse'; readonly responseType: EmittedResponseType; readonly reason: string }

export type TokenAuthorizer = {
  /** `token` is the header's whole value; undefined or empty when the header is missing. */
  authorize(request: { readonly token: string | undefined; readonly methodArn: string }): Promise<AuthorizerDecision>
}

export type TokenAuthorizerOptions = {
  readonly function: LambdaFunction
  /** Has to match the token from end to end, else the function is not called. */
  readonly identityValidationExpression: string
  /** 0 to 3600; 0 caches nothing. API Gateway's default is 300. */
  readonly ttlSeconds: number
  readonly timeoutMs: number
  readonly now: () => number
}

type Verdict = {
  readonly principalId: string
  readonly policy: Policy
  readonly context: Readonly<Record<string, string>>
}

/** API Gateway's quota for what a Lambda authorizer returns. */
const largestResultBytes = 8192

const action = 'execute-api:Invoke'

/** `claims` is reserved: API Gateway fills it for Cognito authorizers. */
const authorizerResult = z.strictObject({
  principalId: z.string().check(z.minLength(1)),
  policyDocument: z.unknown(),
  context: z.optional(
    z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
      .check(z.refine((context) => !Object.hasOwn(context, 'claims'))),
  ),
  usageIdentifierKey: z.optional(z.string()),
})

/**
 * The verdict on a token is kept for `ttlSeconds` under the token's whole value, whatever route it was first used on;
 * its policy is evaluated anew for each request. `Unauthorized`, any other failure and a malformed result are not kept.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
 */
export function createTokenAuthorizer(options: TokenAuthorizerOptions): TokenAuthorizer {
  const { ttlSeconds, now } = options
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 0 || ttlSeconds > 3600) {
    throw new RangeError('an authorizer keeps its results for 0 to 3600 seconds')
  }
  const expression = new RegExp(`^(?:${options.identityValidationExpression})$`)
  const cache = new Map<string, { readonly verdict: Verdict; readonly expiresAt: number }>()

  const forgetExpired = (): void => {
    for (const [token, { expiresAt }] of cache) if (expiresAt <= now()) cache.delete(token)
  }

  const authorize: TokenAuthorizer['authorize'] = async ({ token, methodArn }) => {
    if (token === undefined || token === '') return refuse('UNAUTHORIZED', 'identity source missing')
    if (!expression.test(token)) return refuse('UNAUTHORIZED', 'identity validation expression does not match')
    forgetExpired()
    const cached = cache.get(token)
    if (cached !== undefined) return decide(cached.verdict, methodArn, 0)
    const startedAt = now()
    try {
      const verdict = await callAuthorizer(options, { type: 'TOKEN', authorizationToken: token, methodArn })
      if (ttlSeconds > 0) cache.set(token, { verdict, expiresAt: now() + ttlSeconds * 1000 })
      return decide(verdict, methodArn, now() - startedAt)
    } catch (error) {
      return toRefusal(error)
    }
  }

  return { authorize }
}

class MalformedResultError extends Error {
  override readonly name = 'MalformedResultError'
}

async function callAuthorizer(options: TokenAuthorizerOptions, event: unknown): Promise<Verdict> {
  const result = await withinTimeLimit(options.function(event), options.timeoutMs)
  if (Buffer.byteLength(JSON.stringify(result ?? null)) > largestResultBytes) {
    throw new MalformedResultError('the result is larger than 8192 bytes')
  }
  const parsed = z.safeParse(authorizerResult, result)
  if (!parsed.success) throw new MalformedResultError('the result is not a principal, a policy and a flat context')
  const { principalId, policyDocument, context = {} } = parsed.data
  const strings = Object.entries(context).map(([key, value]) => [key, String(value)] as const)
  return { principalId, policy: parsePolicy(policyDocument), context: Object.fromEntries(strings) }
}

function decide(
  { policy, context, principalId }: Verdict,
  methodArn: string,
  integrationLatency: number,
): AuthorizerDecision {
  const decision = evaluatePolicy(policy, { action, resource: methodArn })
  switch (decision) {
    case 'allowed':
      return { effect: 'allow', context: { ...context, principalId, integrationLatency } }
    case 'explicitly_denied':
      return refuse('ACCESS_DENIED', 'explicit deny')
    case 'implicitly_denied':
      return refuse('ACCESS_DENIED', 'no statement matches')
  }
}

/**
 * Only the exact message `Unauthorized` is a 401. The split between the two 500s is not documented: reports of thrown
 * errors and malformed results name the first, so what is left, a time-out, is the second.
 */
function toRefusal(error: unknown): AuthorizerDecision {
  if (error instanceof TimeLimitError) return refuse('AUTHORIZER_FAILURE', 'authorizer timed out')
  if (error instanceof MalformedResultError || error instanceof MalformedPolicyError) {
    return refuse('AUTHORIZER_CONFIGURATION_ERROR', error.message)
  }
  if (error instanceof Error && error.message === 'Unauthorized') return refuse('UNAUTHORIZED', 'authorizer refused')
  return refuse('AUTHORIZER_CONFIGURATION_ERROR', 'authorizer failed')
}

function refuse(responseType: EmittedResponseType, reason: string): AuthorizerDecision {
  return { effect: 'refuse', responseType, reason }
}
