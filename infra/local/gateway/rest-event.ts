// Builds the event of a REST API's Lambda proxy integration; it decides nothing about the request.
import { createHash } from 'node:crypto'
import type { APIGatewayEventRequestContext, APIGatewayProxyEvent } from 'aws-lambda'
import { formatRequestTime, forwardedHeaders, groupValues, splitTarget } from './event-parts.ts'
import { headerValues, type GatewayRequest } from './loopback-server.ts'

export type RestApi = {
  readonly accountId: string
  readonly apiId: string
  readonly region: string
  readonly stage: string
}

export type RestCall = {
  readonly api: RestApi
  readonly request: GatewayRequest
  readonly body: Buffer
  readonly resource: string
  readonly requestId: string
  readonly extendedRequestId: string
  readonly receivedAt: number
  /** Undefined for a method without authorizer: the event then has no such key. */
  readonly authorizer: Readonly<Record<string, string | number>> | undefined
}

/**
 * `path` is without the stage and `requestContext.path` with it, as on an API's default domain. The body is the text
 * that the client sent, never base64: the deployed API declares no binary media types.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function buildRestEvent(call: RestCall): APIGatewayProxyEvent {
  const { request, body, resource } = call
  const { path, query } = splitTarget(request.target)
  const headers = groupValues(forwardedHeaders(request, call.receivedAt), (name) => name.toLowerCase())
  const parameters = groupValues(new URLSearchParams(query), (name) => name)
  const hasParameters = parameters.length > 0
  return {
    resource,
    path,
    httpMethod: request.method,
    headers: lastValues(headers),
    multiValueHeaders: Object.fromEntries(headers),
    queryStringParameters: hasParameters ? lastValues(parameters) : null,
    multiValueQueryStringParameters: hasParameters ? Object.fromEntries(parameters) : null,
    pathParameters: null,
    stageVariables: null,
    requestContext: buildRequestContext(call),
    body: body.length > 0 ? body.toString('utf8') : null,
    isBase64Encoded: false,
  }
}

function buildRequestContext(call: RestCall): APIGatewayEventRequestContext {
  const { api, request, resource, authorizer } = call
  const { path } = splitTarget(request.target)
  return {
    accountId: api.accountId,
    apiId: api.apiId,
    domainName: `${api.apiId}.execute-api.${api.region}.amazonaws.com`,
    domainPrefix: api.apiId,
    resourceId: createHash('sha256').update(resource).digest('hex').slice(0, 6),
    resourcePath: resource,
    httpMethod: request.method,
    path: `/${api.stage}${path}`,
    stage: api.stage,
    protocol: 'HTTP/1.1',
    requestId: call.requestId,
    extendedRequestId: call.extendedRequestId,
    requestTime: formatRequestTime(call.receivedAt),
    requestTimeEpoch: call.receivedAt,
    identity: buildIdentity(request),
    // JSON leaves out what is undefined.
    authorizer,
  }
}

/** All null: no caller of a method with a custom authorizer, or with none, is known to IAM. */
function buildIdentity(request: GatewayRequest): APIGatewayEventRequestContext['identity'] {
  return {
    accessKey: null,
    accountId: null,
    apiKey: null,
    apiKeyId: null,
    caller: null,
    clientCert: null,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: null,
    sourceIp: request.sourceIp,
    user: null,
    userAgent: headerValues(request.headers, 'user-agent').at(-1) ?? null,
    userArn: null,
  }
}

function lastValues(groups: readonly [string, string[]][]): Record<string, string | undefined> {
  return Object.fromEntries(groups.map(([name, values]) => [name, values.at(-1)]))
}
