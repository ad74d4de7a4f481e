// A REST API on the loopback address, as API Gateway puts it in front of App2; it opens no route that it is not given.
import { randomUUID } from 'node:crypto'
import { newApiId, newExtendedRequestId } from './event-parts.ts'
import { loadGatewayResponses } from './gateway-responses.ts'
import type { EmittedResponseType, GatewayResponses } from './gateway-responses.ts'
import type { LambdaFunction } from './lambda-function.ts'
import { headerValueBytes, headerValues, listenOnLoopback } from './loopback-server.ts'
import type { GatewayReply, GatewayRequest } from './loopback-server.ts'
import { MalformedProxyResultError, toRestReply } from './proxy-result.ts'
import { headersTooLarge, largestHeaderBytes, payloadTooLarge, toReply, type Refusal } from './refusal.ts'
import { buildRestEvent, type RestApi, type RestCall } from './rest-event.ts'
import { createRouteTable } from './route-table.ts'
import { TimeLimitError, withinTimeLimit } from './time-limit.ts'
import { createTokenAuthorizer, type AuthorizerDecision, type TokenAuthorizer } from './token-authorizer.ts'

export type RestRoute = {
  readonly method: string
  readonly path: string
  readonly function: LambdaFunction
  /** Whether the authorizer stands in front of it. */
  readonly authorized: boolean
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
  readonly authorizer: {
    readonly function: LambdaFunction
    readonly identityValidationExpression: string
    /** 0 to 3600, API Gateway's default 300 when absent. */
    readonly ttlSeconds?: number
  }
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
  flushAuthorizerCache(): void
  close(): Promise<void>
}

/**
 * Rejects with `EADDRINUSE` when the port is taken, and with GatewayResponseError when the template of the gateway
 * responses cannot be rendered here.
 */
export async function startRestApi(options: RestApiOptions): Promise<RunningRestApi> {
  const { now = Date.now, integrationTimeoutMs = 29_000, onRefusal = () => undefined } = options
  const { region = 'us-east-1', accountId = '000000000000', stage = 'dev' } = options
  const api: RestApi = { accountId, apiId: newApiId(), region, stage }
  const authorizer = createTokenAuthorizer({
    function: options.authorizer.function,
    identityValidationExpression: options.authorizer.identityValidationExpression,
    ttlSeconds: options.authorizer.ttlSeconds ?? 300,
    timeoutMs: integrationTimeoutMs,
    now,
  })
  const findRoute = createRouteTable(options.routes)
  const responses = loadGatewayResponses()
  const deps: Deps = { api, authorizer, findRoute, responses, now, integrationTimeoutMs, onRefusal }
  const server = await listenOnLoopback({ port: options.port ?? 0, answer: (request) => answer(request, deps) })
  return {
    url: server.url,
    apiId: api.apiId,
    flushAuthorizerCache: () => {
      authorizer.flushCache()
    },
    close: () => server.close(),
  }
}

type Deps = {
  readonly api: RestApi
  readonly authorizer: TokenAuthorizer
  readonly findRoute: (request: GatewayRequest) => RestRoute | undefined
  readonly responses: GatewayResponses
  readonly now: () => number
  readonly integrationTimeoutMs: number
  readonly onRefusal: (refusal: RestRefusal) => void
}

type Outcome =
  GatewayReply | { readonly refusal: Refusal } | { readonly responseType: EmittedResponseType; readonly reason: string }

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
  const decision = route.authorized ? await authorize(request, route, deps) : undefined
  if (decision?.effect === 'refuse') return decision
  const authorizer = decision?.context
  const { api } = deps
  return callFunction(
    route.function,
    { api, request, body: request.body, resource: route.path, ...ids, receivedAt, authorizer },
    deps,
  )
}

/** Two `Authorization` headers are joined as HTTP joins them: what AWS does is not documented, and no token has a comma. */
async function authorize(request: GatewayRequest, route: RestRoute, deps: Deps): Promise<AuthorizerDecision> {
  const { accountId, apiId, region, stage } = deps.api
  const values = headerValues(request.headers, 'authorization')
  return deps.authorizer.authorize({
    token: values.length > 0 ? values.join(', ') : undefined,
    methodArn: `arn:aws:execute-api:${region}:${accountId}:${apiId}/${stage}/${route.method}${route.path}`,
  })
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
  const { responseType, reason } = outcome
  const reply = deps.responses.render(responseType, ids)
  deps.onRefusal({ requestId, status: reply.status, responseType, reason })
  return reply
}
