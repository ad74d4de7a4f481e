// Builds the event of an HTTP API in payload format 2.0; it decides nothing about the request.
import type { APIGatewayProxyEventV2WithIAMAuthorizer } from 'aws-lambda'
import type { Caller } from './caller.ts'
import { formatRequestTime, forwardedHeaders, groupValues, splitTarget } from './event-parts.ts'
import { headerValues, type GatewayRequest } from './loopback-server.ts'

export type HttpApi = { readonly accountId: string; readonly apiId: string; readonly region: string }

export type HttpCall = {
  readonly api: HttpApi
  readonly request: GatewayRequest
  readonly body: Buffer
  /** The route as it was declared, braces included. */
  readonly routeKey: string
  /** As it was routed: decoded. */
  readonly path: string
  readonly pathParameters: Readonly<Record<string, string>>
  readonly requestId: string
  readonly receivedAt: number
  readonly caller: Caller
}

/**
 * Signed requests reach the function without their `Authorization` header, as behind the deployed `AWS_IAM` route.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
export function buildHttpEvent(call: HttpCall): APIGatewayProxyEventV2WithIAMAuthorizer {
  const { request, body, routeKey, path, pathParameters } = call
  const { query } = splitTarget(request.target)
  const headers = groupValues(forwardedHeaders(request, call.receivedAt), (name) => name.toLowerCase())
    .map(([name, values]) => [name.toLowerCase(), values.join(',')] as const)
    .filter(([name]) => name !== 'cookie' && name !== 'authorization')
  const cookies = headerValues(request.headers, 'cookie').flatMap((value) => value.split(/;\s*/))
  const parameters = groupValues(new URLSearchParams(query), (name) => name)
  const isBase64Encoded = body.length > 0 && !isText(headerValues(request.headers, 'content-type').at(-1) ?? '')
  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString: query,
    ...(cookies.length > 0 && { cookies }),
    headers: Object.fromEntries(headers),
    ...(parameters.length > 0 && {
      queryStringParameters: Object.fromEntries(parameters.map(([name, values]) => [name, values.join(',')])),
    }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters: { ...pathParameters } }),
    requestContext: buildRequestContext(call),
    ...(body.length > 0 && { body: body.toString(isBase64Encoded ? 'base64' : 'utf8') }),
    isBase64Encoded,
  }
}

/**
 * AWS does not say which bodies it takes for binary. As seen on real HTTP APIs, these are text, and all others
 * are base64, forms and bodies without a content type too: https://github.com/ministackorg/ministack/pull/766
 */
function isText(contentType: string): boolean {
  return /^(text\/[^;]*|application\/(json|xml|javascript))\s*(;|$)/i.test(contentType)
}

function buildRequestContext(call: HttpCall): APIGatewayProxyEventV2WithIAMAuthorizer['requestContext'] {
  const { api, request, path, caller } = call
  return {
    accountId: api.accountId,
    apiId: api.apiId,
    authorizer: {
      iam: {
        accessKey: caller.accessKey,
        accountId: caller.accountId,
        callerId: caller.callerId,
        cognitoIdentity: null,
        principalOrgId: '',
        userArn: caller.arn,
        userId: caller.callerId,
      },
    },
    domainName: `${api.apiId}.execute-api.${api.region}.amazonaws.com`,
    domainPrefix: api.apiId,
    http: {
      method: request.method,
      path,
      protocol: 'HTTP/1.1',
      sourceIp: request.sourceIp,
      userAgent: headerValues(request.headers, 'user-agent').at(-1) ?? '',
    },
    requestId: call.requestId,
    routeKey: call.routeKey,
    stage: '$default',
    time: formatRequestTime(call.receivedAt),
    timeEpoch: call.receivedAt,
  }
}
