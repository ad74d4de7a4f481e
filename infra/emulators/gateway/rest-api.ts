// A REST API on the loopback address, as API Gateway puts it in front of App2; it opens no route that it is not given.
import { randomUUID } from 'node:crypto'
import type { Jwks } from 'aws-jwt-verify/jwk'
import { createCognitoAuthorizer } from './cognito-authorizer.ts'
import { newApiId, newExtendedRequestId } from './event-parts.ts'
import { parseGatewayResponses } from './gateway-responses.ts'
import type { EmittedResponseType, GatewayResponses } from './gateway-responses.ts'
import { createIamAuthorizer } from './iam-authorizer.ts'
import type { LambdaFunction } from './lambda-function.ts'
import { headerValueBytes, listenOnLoopback } from './loopback-server.ts'
import type { GatewayReply, GatewayRequest } from './loopback-server.ts'
import { MalformedProxyResultError, toRestReply } from './proxy-result.ts'
import { headersTooLarge, largestHeaderBytes, payloadTooLarge, toReply, type Refusal } from './refusal.ts'
import { createGate, type Authorization, type Authorizers, type Gate, type GateRefusal } from './rest-gate.ts'
import { buildRestEvent, type RestApi, type RestCall } from './rest-event.ts'
import { createRouteTable } from './route-table.ts'
import type { SigningCredential } from './signing-credential.ts'
import { TimeLimitError, withinTimeLimit } from './time-limit.ts'
import { createTokenAuthorizer } from './token-authorizer.ts'

export type RestRoute = {
  readonly method: string
  readonly path: string
  readonly function: LambdaFunction
  readonly authorization: Authorization
}

export type RestRefusal = {
  readonly requestId: string
  readonly status: number
  /** Null for an answer that the API's owner cannot customise. */
  readonly responseType: EmittedResponseType | null
  /** A fixed sentence, as in an execution log; nothing that was sent is in it. */
  readonly reason: string
}

export type RestApiOptions = {
  /** A free one when absent or 0. */
  readonly port?: number
  readonly routes: readonly RestRoute[]
  /** CloudFormation's AWS::ApiGateway::GatewayResponse by logical id: what is answered in place of a function. */
  readonly gatewayResponses: Readonly<Record<string, unknown>>
  /** For routes of the kind `token`. */
  readonly authorizer?: {
    readonly function: LambdaFunction
    readonly identityValidationExpression: string
    /** 0 to 3600, API Gateway's default 300 when absent. */
    readonly ttlSeconds?: number
  }
  /** Who may sign, for routes of the kind `iam`. */
  readonly credentials?: readonly SigningCredential[]
  /** Whose access tokens count, for routes of the kind `cognito`. */
  readonly userPool?: { readonly issuer: string; readonly fetchJwks: () => Promise<Jwks> }
  readonly now?: () => number
  readonly region?: string
  readonly accountId?: string
  readonly stage?: string
  /** How long the authorizer and the function may take each. API Gateway's own limit is 29 s. */
  readonly integrationTimeoutMs?: number
  /** Told of every answer that the gateway gives in place of a function. */
  readonly onRefusal?: (refusal: RestRefusal) => void
}

export type RunningRestApi = {
  /** Without the stage, which a deployed API has in its address: `<url>/sample` is its `https://…/<stage>/sample`. */
  readonly url: string
  readonly apiId: string
  close(): Promise<void>
}

/**
 * Rejects with `EADDRINUSE` when the port is taken, with GatewayResponseError when a gateway response cannot be
 * rendered here, and with RangeError for a route whose kind of authorization is not set up.
 */
export async function startRestApi(options: RestApiOptions): Promise<RunningRestApi> {
  const { now = Date.now, integrationTimeoutMs = 29_000, onRefusal = () => undefined } = options
  const { region = 'us-east-1', accountId = '000000000000', stage = 'dev' } = options
  const api: RestApi = { accountId, apiId: newApiId(), region, stage }
  const { authorizer, credentials, userPool } = options
  const token =
    authorizer &&
    createTokenAuthorizer({
      function: authorizer.function,
      identityValidationExpression: authorizer.identityValidationExpression,
      ttlSeconds: authorizer.ttlSeconds ?? 300,
      timeoutMs: integrationTimeoutMs,
      now,
    })
  const authorizers: Authorizers = {
    token,
    iam: credentials && createIamAuthorizer({ credentials, region, now }),
    cognito: userPool && createCognitoAuthorizer(userPool),
  }
  const findRoute = createRouteTable(
    options.routes.map((route) => ({ ...route, gate: createGate(route.authorization, authorizers) })),
  )
  const responses = parseGatewayResponses(options.gatewayResponses)
  const deps: Deps = { api, findRoute, responses, now, integrationTimeoutMs, onRefusal }
  const server = await listenOnLoopback({ port: options.port ?? 0, answer: (request) => answer(request, deps) })
  return {
    url: server.url,
    apiId: api.apiId,
    close: () => server.close(),
  }
}

type GatedRoute = RestRoute & { readonly gate: Gate }

type Deps = {
  readonly api: RestApi
  readonly findRoute: (request: GatewayRequest) => GatedRoute | undefined
  readonly responses: GatewayResponses
  readonly now: () => number
  readonly integrationTimeoutMs: number
  readonly onRefusal: (refusal: RestRefusal) => void
}

type Outcome = GatewayReply | { readonly refusal: Refusal } | Omit<GateRefusal, 'effect'>

async function answer(request: GatewayRequest, deps: Deps): Promise<GatewayReply> {
  const ids = { requestId: randomUUID(), extendedRequestId: newExtendedRequestId() }
  const reply = toRestAnswer(await handle(request, ids, deps), ids, deps)
  const idHeaders = [
    ['x-amzn-RequestId', ids.requestId],
    ['x-amz-apigw-id', ids.extendedRequestId],
  ] as const
  return { ...reply, headers: [...reply.headers, ...idHeaders] }
}

type RequestIds = { readonly requestId: string; readonly extendedRequestId: string }

async function handle(request: GatewayRequest, ids: RequestIds, deps: Deps): Promise<Outcome> {
  const receivedAt = deps.now()
  if (headerValueBytes(request.headers) > largestHeaderBytes) return { refusal: headersTooLarge }
  const route = deps.findRoute(request)
  if (route === undefined) return { responseType: 'MISSING_AUTHENTICATION_TOKEN', reason: 'no such method and path' }
  if (request.body === undefined) return { refusal: payloadTooLarge }
  const { api } = deps
  const { accountId, apiId, region, stage } = api
  const methodArn = `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stage}/${route.method}${route.path}`
  const decision = await route.gate({ ...request, body: request.body }, methodArn)
  if (decision.effect === 'refuse') return decision
  return callFunction(
    route.function,
    { api, request, body: request.body, resource: route.path, ...ids, receivedAt, ...decision.admission },
    deps,
  )
}

async function callFunction(lambda: LambdaFunction, call: RestCall, deps: Deps): Promise<Outcome> {
  try {
    return toRestReply(await withinTimeLimit(lambda(buildRestEvent(call)), deps.integrationTimeoutMs))
  } catch (error) {
    if (error instanceof TimeLimitError) return { responseType: 'INTEGRATION_TIMEOUT', reason: 'function timed out' }
    const reason = error instanceof MalformedProxyResultError ? error.message : 'function failed'
    return { responseType: 'DEFAULT_5XX', reason }
  }
}

function toRestAnswer(outcome: Outcome, ids: RequestIds, deps: Deps): GatewayReply {
  if ('headers' in outcome) return outcome
  const { requestId } = ids
  if ('refusal' in outcome) {
    const { status, reason } = outcome.refusal
    deps.onRefusal({ requestId, status, responseType: null, reason })
    return toReply(outcome.refusal)
  }
  const { responseType, reason, errorType } = outcome
  const reply = deps.responses.render(responseType, ids)
  deps.onRefusal({ requestId, status: reply.status, responseType, reason })
  if (errorType === undefined) return reply
  return { ...reply, headers: [...reply.headers, ['x-amzn-errortype', errorType]] }
}
