// Puts a Hono app behind API Gateway; it never lets a request reach the app by another route than API Gateway matched.
import type { Hono } from 'hono'
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda'
import { callerRequestIdHeader, humanTokenHeader } from '../contract.ts'
import { ServiceError, toServiceError } from '../errors.ts'
import { bindFields, type Logger } from '../logger.ts'
import type { AppEnvironment } from './app-environment.ts'
import { logFailure, problemResponse } from './problem.ts'

export type LambdaHandler = (event: LambdaEvent, lambdaContext: LambdaContext) => Promise<LambdaResult>

export type LambdaResult = {
  readonly statusCode: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined
  readonly body: string
  readonly isBase64Encoded: boolean
}

/** The only request headers that an app of ours reads. */
const readHeaders = ['content-type', 'content-encoding', 'idempotency-key', callerRequestIdHeader, humanTokenHeader]

type Route = { readonly method: string; readonly path: string }

/**
 * A Lambda handler for REST API (payload 1.0) and HTTP API (payload 2.0) events.
 *
 * The app is called with the method and the *resource* that API Gateway matched, not with the path that the client
 * wrote: Hono would route `/x/../admin/create-user`, `/%61dmin/create-user` and `/admin\create-user` to the admin
 * route. A resource with a parameter is a route as it is written, `/users/{name}`; what stands in its place is in the event,
 * see read-parameters.ts. What is not a route of the app to the letter is 404. Only the headers that our apps read are passed on,
 * and a body with a POST alone: with others Hono's adapter answers outside the app and prints the header's value.
 */
export function createLambdaHandler(app: Hono<AppEnvironment>, logger: Logger): LambdaHandler {
  const adapter = handle(app)
  const isRoute = ({ method, path }: Route): boolean =>
    app.routes.some((route) => route.method === method && route.path === path)
  return async (event, lambdaContext) => {
    try {
      const route = matchedRoute(event)
      if (!isRoute(route)) throw new ServiceError('not_found')
      return await adapter(reduceEvent(event, route), lambdaContext)
    } catch (error) {
      const requestId = requestIdOf(lambdaContext)
      const failure = toServiceError(error)
      logFailure(failure, bindFields(logger, { request_id: requestId }))
      return toResult(problemResponse(failure, requestId))
    }
  }
}

/**
 * Has the app answer `GET /health`, which calls nothing and is not logged, so that the first request does not pay for what
 * the first one of a process costs: Lambda gives the init phase a whole processor, and a request its memory's share of one.
 * A failure is none: the first request meets it again.
 */
export async function warmUp(handler: LambdaHandler): Promise<void> {
  const event = {
    version: '2.0',
    routeKey: 'GET /health',
    rawPath: '/health',
    rawQueryString: '',
    headers: {},
    requestContext: { http: { method: 'GET', path: '/health' } },
    isBase64Encoded: false,
  }
  const context = { getRemainingTimeInMillis: () => 1_000 }
  await handler(event as unknown as LambdaEvent, context as LambdaContext).catch(() => undefined)
}

/** Lambda's id of the call. API Gateway's own (`$context.requestId`) is one that a client can choose by a header. */
export function requestIdOf(lambdaContext: LambdaContext | undefined): string {
  return lambdaContext?.awsRequestId ?? crypto.randomUUID()
}

function matchedRoute(event: LambdaEvent): Route {
  if ('routeKey' in event) {
    const [method = '', path = ''] = event.routeKey.split(' ')
    return { method, path }
  }
  if ('resource' in event) return { method: event.httpMethod, path: event.resource }
  throw new ServiceError('not_found')
}

function reduceEvent(event: LambdaEvent, { method, path }: Route): LambdaEvent {
  const headers = Object.fromEntries(readHeaders.flatMap((name) => readHeader(event, name)))
  const shared = {
    version: '1.0',
    headers,
    body: method === 'POST' ? (event.body ?? null) : null,
    isBase64Encoded: event.isBase64Encoded,
  }
  if ('routeKey' in event) {
    const { version, routeKey, rawQueryString, requestContext, pathParameters = {} } = event
    // Hono's adapter reads the method from here.
    const matched = { ...requestContext, http: { ...requestContext.http, method } }
    return { ...shared, version, routeKey, rawPath: path, rawQueryString, requestContext: matched, pathParameters }
  }
  if ('resource' in event)
    return { ...shared, httpMethod: method, resource: path, path, requestContext: event.requestContext }
  throw new ServiceError('not_found')
}

/**
 * The header whatever its case. One that was sent twice is refused: a REST API hands over both values, and an HTTP API
 * one text in which a comma stands between them, so that neither is known to be what the caller meant.
 */
function readHeader(event: LambdaEvent, name: string): [string, string][] {
  const multiValueHeaders: Readonly<Record<string, string[] | undefined>> =
    ('multiValueHeaders' in event ? event.multiValueHeaders : undefined) ?? {}
  const several = Object.entries(multiValueHeaders).flatMap(([key, values]) =>
    key.toLowerCase() === name ? (values ?? []) : [],
  )
  const headers: Readonly<Record<string, string | string[] | undefined>> = event.headers ?? {}
  const single = Object.entries(headers).flatMap(([key, value]) => (key.toLowerCase() === name ? (value ?? []) : []))
  const values = several.length > 0 ? several : single
  const [value] = values
  if (value === undefined) return []
  const refuse = (detail: string): ServiceError =>
    new ServiceError('invalid_request', { errors: [{ header: name, detail }] })
  if (values.length > 1 || isJoined(name, value)) throw refuse('must be sent once, with one value')
  // Hono's adapter drops an empty header, and who sends an empty key would go without one unawares.
  if (value === '') throw refuse('must not be empty')
  // Hono's adapter would percent-encode other characters, so that the app sees a value that nobody sent.
  if (!/^[\t\x20-\x7e]*$/.test(value)) throw refuse('must be ASCII')
  return [[name, value]]
}

/** Text without a comma but in quoted strings (RFC 9110, section 5.6.4), gone through once whatever it is. */
const oneValue = /^(?:[^",]|"(?:[^"\\]|\\.)*(?:"|$))*$/

/** Whether `value` may be several. Content codings are a list by themselves. */
function isJoined(name: string, value: string): boolean {
  return name !== 'content-encoding' && !oneValue.test(value)
}

async function toResult(response: Response): Promise<LambdaResult> {
  const headers = Object.fromEntries(response.headers)
  const body = await response.text()
  return { statusCode: response.status, headers, body, isBase64Encoded: false }
}
