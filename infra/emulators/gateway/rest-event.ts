// Builds the event of a REST API's Lambda proxy integration; it decides nothing about the request.
import { createHash } from 'node:crypto'
import type { APIGatewayEventRequestContext, APIGatewayProxyEvent } from 'aws-lambda'
import type { Caller } from './caller.ts'
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
  /** What an authorizer says of the caller. Undefined for a method without one: the event then has no such key. */
  readonly authorizer: AuthorizerContext | undefined
  /** Who signed the request, for a method with `AWS_IAM` authorization alone. */
  readonly signer: Caller | undefined
}

export type AuthorizerContext = Readonly<Record<string, string | number | Readonly<Record<string, string>>>>

/** A REST API keeps these to itself, as recorded by LocalStack's tests against AWS; an HTTP API hands them on. */
const withheldHeaders = new Set([
  'content-length',
  'content-md5',
  'expect',
  'max-forwards',
  'proxy-authenticate',
  'server',
  'trailer',
  'www-authenticate',
])

/**
 * `path` is without the stage and `requestContext.path` with it, as on an API's default domain. The body is the text
 * that the client sent, never base64: the deployed API declares no binary media types. A signature stays at the gateway.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
 */
export function buildRestEvent(call: RestCall): APIGatewayProxyEvent {
  const { request, body, resource } = call
  const { path, query } = splitTarget(request.target)
  const headers = groupValues(forwardedHeaders(request, call.receivedAt), (name) => name.toLowerCase()).filter(
    ([name]) =>
      !withheldHeaders.has(name.toLowerCase()) && (call.signer === undefined || name.toLowerCase() !== 'authorization'),
  )
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
    identity: buildIdentity(call),
    // JSON leaves out what is undefined.
    authorizer,
  }
}

/** Null where nothing is known to IAM: nobody is, behind a custom authorizer or none. */
function buildIdentity({ request, signer }: RestCall): APIGatewayEventRequestContext['identity'] {
  return {
    accessKey: signer?.accessKey ?? null,
    accountId: signer?.accountId ?? null,
    apiKey: null,
    apiKeyId: null,
    caller: signer?.callerId ?? null,
    clientCert: null,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: null,
    sourceIp: request.sourceIp,
    user: signer?.callerId ?? null,
    userAgent: headerValues(request.headers, 'user-agent').at(-1) ?? null,
    userArn: signer?.arn ?? null,
  }
}

function lastValues(groups: readonly [string, string[]][]): Record<string, string | undefined> {
  return Object.fromEntries(groups.map(([name, values]) => [name, values.at(-1)]))
}
