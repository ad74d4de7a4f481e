// Builders of API Gateway's proxy events, complete enough for Hono's adapter, and of Lambda's context object.
import type { LambdaContext, LambdaEvent } from 'hono/aws-lambda'

type RestEventOptions = {
  readonly method?: string
  readonly resource?: string
  readonly path?: string
  readonly headers?: Record<string, string>
  readonly multiValueHeaders?: Record<string, string[]>
  readonly body?: string | null
  readonly isBase64Encoded?: boolean
  readonly authorizer?: unknown
}

export const restEvent = (options: RestEventOptions = {}): LambdaEvent => {
  const { method = 'POST', resource = '/sample', body = null, isBase64Encoded = false } = options
  const headers = options.headers ?? { 'Content-Type': 'application/json' }
  const event: unknown = {
    resource,
    path: options.path ?? resource,
    httpMethod: method,
    headers,
    multiValueHeaders:
      options.multiValueHeaders ?? Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    requestContext: {
      requestId: 'rest-request-id',
      resourcePath: resource,
      httpMethod: method,
      ...('authorizer' in options ? { authorizer: options.authorizer } : {}),
    },
    body,
    isBase64Encoded,
  }
  return event as LambdaEvent
}

type HttpEventOptions = {
  readonly routeKey?: string
  readonly rawPath?: string
  readonly headers?: Record<string, string>
  readonly body?: string | null
  readonly isBase64Encoded?: boolean
  readonly userArn?: string | undefined
}

export const httpEvent = (options: HttpEventOptions = {}): LambdaEvent => {
  const { routeKey = 'POST /create-service-user', body = null, isBase64Encoded = false, userArn } = options
  const [method = '', path = ''] = routeKey.split(' ')
  const event: unknown = {
    version: '2.0',
    routeKey,
    rawPath: options.rawPath ?? path,
    rawQueryString: '',
    headers: options.headers ?? { 'content-type': 'application/json' },
    requestContext: {
      requestId: 'http-request-id',
      http: { method, path },
      ...(userArn !== undefined && { authorizer: { iam: { userArn } } }),
    },
    body,
    isBase64Encoded,
  }
  return event as LambdaEvent
}

export const lambdaContext = (remainingMs = 29_000): LambdaContext =>
  ({
    awsRequestId: 'lambda-request-id',
    functionName: 'test',
    getRemainingTimeInMillis: () => remainingMs,
  }) as LambdaContext
