// Puts a Hono app behind API Gateway; it never lets a request reach the app by another route than API Gateway matched.
import type { Hono } from 'hono'
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda'
import { callerRequestIdHeader } from '../contract.ts'
import { ServiceError, toServiceError } from '../errors.ts'
import { bindFields, type Logger } from '../logger.ts'
import type { AppEnvironment } from './app-environment.ts'
import { logFailure } from './log-failure.ts'
import { problemResponse } from './problem.ts'

export type LambdaHandler = (event: LambdaEvent, lambdaContext: LambdaContext) => Promise<LambdaResult>

export type LambdaResult = {
  readonly statusCode: number
  readonly headers?: Readonly<Record<string, string | readonly string[]>> | undefined
  readonly body: string
  readonly isBase64Encoded: boolean
}

/** The only request headers that an app of ours reads. */
const readHeaders = ['content-type', 'idempotency-key', callerRequestIdHeader]

type Route = { readonly method: string; readonly path: string }

/**
 * A Lambda handler for REST API (payload 1.0) and HTTP API (payload 2.0) events.
 *
 * The app is called with the method and the *resource* that API Gateway matched, not with the path that the client
 * wrote: Hono would route `/x/../admin/create-user`, `/%61dmin/create-user` and `/admin\create-user` to the admin
 * route. What is not a route of the app to the letter is 404. Only the headers that our apps read are passed on, and
 * no body with a GET: with others Hono's adapter answers outside the app and prints the header's value.
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
    body: method === 'GET' ? null : (event.body ?? null),
    isBase64Encoded: event.isBase64Encoded,
  }
  if ('routeKey' in event) {
    const { version, routeKey, requestContext } = event
    return { ...shared, version, routeKey, rawPath: path, rawQueryString: '', requestContext }
  }
  if ('resource' in event)
    return { ...shared, httpMethod: method, resource: path, path, requestContext: event.requestContext }
  throw new ServiceError('not_found')
}

/** The header whatever its case, several of the same name joined as HTTP joins them (RFC 9110, section 5.3). */
function readHeader(event: LambdaEvent, name: string): [string, string][] {
  const multiValueHeaders: Readonly<Record<string, string[] | undefined>> =
    ('multiValueHeaders' in event ? event.multiValueHeaders : undefined) ?? {}
  const several = Object.entries(multiValueHeaders).flatMap(([key, values]) =>
    key.toLowerCase() === name ? (values ?? []) : [],
  )
  const headers: Readonly<Record<string, string | string[] | undefined>> = event.headers ?? {}
  const single = Object.entries(headers).flatMap(([key, value]) => (key.toLowerCase() === name ? (value ?? []) : []))
  const values = several.length > 0 ? several : single
  if (values.length === 0) return []
  const value = values.join(', ')
  // Hono's adapter drops an empty header, and who sends an empty key would go without one unawares.
  if (value === '') {
    throw new ServiceError('invalid_request', { errors: [{ header: name, detail: 'must not be empty' }] })
  }
  // Hono's adapter would percent-encode other characters, so that the app sees a value that nobody sent.
  if (!/^[\t\x20-\x7e]*$/.test(value)) {
    throw new ServiceError('invalid_request', { errors: [{ header: name, detail: 'must be ASCII' }] })
  }
  return [[name, value]]
}

async function toResult(response: Response): Promise<LambdaResult> {
  const headers = Object.fromEntries(response.headers)
  const body = await response.text()
  return { statusCode: response.status, headers, body, isBase64Encoded: false }
}
