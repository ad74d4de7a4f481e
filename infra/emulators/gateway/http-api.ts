// An HTTP API on the loopback address, as API Gateway puts it in front of App1; it opens no route that it is not given.
import { parseCaller, type Caller } from './caller.ts'
import { newApiId, newExtendedRequestId } from './event-parts.ts'
import { buildHttpEvent, type HttpApi, type HttpCall } from './http-event.ts'
import { createHttpRouteTable, type HttpRouteMatch } from './http-route-table.ts'
import { createIamAuthorizer, type IamAuthorizer } from './iam-authorizer.ts'
import type { LambdaFunction } from './lambda-function.ts'
import { headerValueBytes, listenOnLoopback } from './loopback-server.ts'
import type { GatewayReply, GatewayRequest, LoopbackServer } from './loopback-server.ts'
import { MalformedProxyResultError, toHttpReply } from './proxy-result.ts'
import { headersTooLarge, largestHeaderBytes, payloadTooLarge, toReply, type Refusal } from './refusal.ts'
import type { SignedRequest } from './sig-v4.ts'
import type { SigningCredential } from './signing-credential.ts'
import { TimeLimitError, withinTimeLimit } from './time-limit.ts'

/** `path` may have parameters: `/pets/{petId}`. */
export type HttpRoute = { readonly method: string; readonly path: string; readonly function: LambdaFunction }

export type HttpRefusal = { readonly requestId: string; readonly status: number; readonly reason: string }

export type HttpApiOptions = {
  /** A free one when absent or 0. */
  readonly port?: number
  readonly routes: readonly HttpRoute[]
  /** Who signed every request, in place of SigV4, which is not checked; null for requests that nobody signed. */
  readonly callerArn: string | null
  /** Given, each request has to be signed with one of these, and its event names who did; `callerArn` is then null. */
  readonly credentials?: readonly SigningCredential[]
  readonly now?: () => number
  readonly region?: string
  readonly accountId?: string
  /** API Gateway's own limit is 30 s. */
  readonly integrationTimeoutMs?: number
  /** Told of every answer that the gateway gives in place of a function. */
  readonly onRefusal?: (refusal: HttpRefusal) => void
}

/**
 * Every route is `AWS_IAM`, the stage is `$default`. Rejects with `EADDRINUSE` when the port is taken, and with
 * RangeError for a `callerArn` that names no IAM user, role or role session, or that stands beside `credentials`.
 */
export async function startHttpApi(options: HttpApiOptions): Promise<LoopbackServer> {
  const { callerArn, now = Date.now, integrationTimeoutMs = 30_000, onRefusal = () => undefined } = options
  const { region = 'us-east-1', accountId = '000000000000', credentials } = options
  if (callerArn !== null && credentials !== undefined) {
    throw new RangeError('a caller is either taken for granted or known by its signature')
  }
  const caller = callerArn === null ? null : parseCaller(callerArn)
  if (caller === undefined) {
    throw new RangeError('callerArn is not the ARN of an IAM user, a role or a role session')
  }
  const api: HttpApi = { accountId, apiId: newApiId(), region }
  const findRoute = createHttpRouteTable(options.routes)
  const iam = credentials && createIamAuthorizer({ credentials, region, now })
  const deps: Deps = { api, caller, iam, findRoute, now, integrationTimeoutMs, onRefusal }
  return listenOnLoopback({ port: options.port ?? 0, answer: (request) => answer(request, deps) })
}

type Deps = {
  readonly api: HttpApi
  readonly caller: Caller | null
  readonly iam: IamAuthorizer | undefined
  readonly findRoute: (request: GatewayRequest) => HttpRouteMatch<HttpRoute>
  readonly now: () => number
  readonly integrationTimeoutMs: number
  readonly onRefusal: (refusal: HttpRefusal) => void
}

const unrouted: Readonly<Record<400 | 404, Refusal>> = {
  400: { status: 400, message: 'Bad Request', reason: 'path cannot be decoded' },
  404: { status: 404, message: 'Not Found', reason: 'no such method and path' },
}

/** All that an HTTP API says of a signature that is missing or wrong, and of a signer without permission. */
const forbidden: Refusal = { status: 403, message: 'Forbidden', reason: 'request is not signed' }

// What fails in the function is a 500 and what takes too long a 503, in these words; unlike the gateway responses of a
// REST API they cannot be customised.
const functionFailed: Refusal = { status: 500, message: 'Internal Server Error', reason: 'function failed' }
const functionTimedOut: Refusal = { status: 503, message: 'Service Unavailable', reason: 'function timed out' }

type Outcome = GatewayReply | { readonly refusal: Refusal }

async function answer(request: GatewayRequest, deps: Deps): Promise<GatewayReply> {
  const requestId = newExtendedRequestId()
  const outcome = await handle(request, requestId, deps)
  if ('refusal' in outcome)
    deps.onRefusal({ requestId, status: outcome.refusal.status, reason: outcome.refusal.reason })
  const reply = 'refusal' in outcome ? toReply(outcome.refusal) : outcome
  return { ...reply, headers: [...reply.headers, ['apigw-requestid', requestId]] }
}

async function handle(request: GatewayRequest, requestId: string, deps: Deps): Promise<Outcome> {
  const receivedAt = deps.now()
  const requestLine = `${request.method} ${request.target} HTTP/1.1`
  if (requestLine.length + headerValueBytes(request.headers) > largestHeaderBytes) return { refusal: headersTooLarge }
  const match = deps.findRoute(request)
  if (!match.ok) return { refusal: unrouted[match.status] }
  if (request.body === undefined) return { refusal: payloadTooLarge }
  const { api } = deps
  const { route, path, pathParameters } = match
  const caller = await identify({ ...request, body: request.body }, path, deps)
  if ('refusal' in caller) return caller
  const routeKey = `${route.method} ${route.path}`
  const call = { api, request, body: request.body, routeKey, path, pathParameters, requestId, receivedAt, caller }
  return callFunction(route.function, call, deps)
}

async function identify(
  request: SignedRequest,
  path: string,
  { api, caller, iam }: Deps,
): Promise<Caller | { readonly refusal: Refusal }> {
  if (iam === undefined) return caller ?? { refusal: forbidden }
  const methodArn = `arn:aws:execute-api:${api.region}:${api.accountId}:${api.apiId}/$default/${request.method}${path}`
  const decision = await iam(request, methodArn)
  return decision.effect === 'allow' ? decision.caller : { refusal: { ...forbidden, reason: decision.reason } }
}

async function callFunction(lambda: LambdaFunction, call: HttpCall, deps: Deps): Promise<Outcome> {
  try {
    return toHttpReply(await withinTimeLimit(lambda(buildHttpEvent(call)), deps.integrationTimeoutMs))
  } catch (error) {
    if (error instanceof TimeLimitError) return { refusal: functionTimedOut }
    if (error instanceof MalformedProxyResultError) return { refusal: { ...functionFailed, reason: error.message } }
    return { refusal: functionFailed }
  }
}
