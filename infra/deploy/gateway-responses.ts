// What API Gateway answers in place of App2's functions, a row each, and the gateway responses that the template has for
// it: worded as the functions word their own refusals (RFC 9457).
import { ServiceError, type ErrorCode } from '#shared/errors.ts'
import { problemResponse, toProblem } from '#shared/http/problem.ts'
import type { GatewayResponseType } from '../emulators/gateway/gateway-responses.ts'
import type { Resource } from './finish-template.ts'

/**
 * REQUEST_TOO_LARGE (413, a payload over 10 MB) is not listed: it cannot be customised.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
 */
type CustomType = Exclude<GatewayResponseType, 'REQUEST_TOO_LARGE'>

const codes = {
  UNAUTHORIZED: 'unauthorized',
  ACCESS_DENIED: 'forbidden',
  // An unknown method or path. 403 and not 404, as API Gateway has it: a stranger learns nothing about the routes.
  MISSING_AUTHENTICATION_TOKEN: 'forbidden',
  INVALID_SIGNATURE: 'forbidden',
  EXPIRED_TOKEN: 'forbidden',
  INVALID_API_KEY: 'forbidden',
  WAF_FILTERED: 'forbidden',
  // Among others an unknown path with an Authorization header that is not SigV4: AWS's own words would quote the token.
  // This one and DEFAULT_5XX give their status to each type that is not listed.
  DEFAULT_4XX: 'forbidden',
  BAD_REQUEST_BODY: 'invalid_request',
  BAD_REQUEST_PARAMETERS: 'invalid_request',
  RESOURCE_NOT_FOUND: 'not_found',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported_media_type',
  THROTTLED: 'throttled',
  QUOTA_EXCEEDED: 'throttled',
  AUTHORIZER_FAILURE: 'internal_error',
  AUTHORIZER_CONFIGURATION_ERROR: 'internal_error',
  API_CONFIGURATION_ERROR: 'internal_error',
  // A function that threw, or whose answer cannot be sent, has no type of its own.
  DEFAULT_5XX: 'upstream_error',
  // The function could not be called, for want of concurrency for example.
  INTEGRATION_FAILURE: 'upstream_unavailable',
  INTEGRATION_TIMEOUT: 'upstream_timeout',
} as const satisfies Record<CustomType, ErrorCode>

/** The stage's token bucket refills every second; a usage plan's quota is counted by the day at least. */
const retryAfterSeconds: Readonly<Record<string, number>> = {
  THROTTLED: 1,
  QUOTA_EXCEEDED: 3600,
} satisfies Partial<Record<CustomType, number>>

/** As the template spells them. */
const headerNames = ['Content-Type', 'Cache-Control', 'WWW-Authenticate', 'Retry-After']

/**
 * The id of the request that a caller cannot choose, and the only variable: error messages and request parameters can
 * hold what a caller sent.
 */
const requestId = '$context.extendedRequestId'

/** One AWS::ApiGateway::GatewayResponse for each row, by its logical id. */
export function gatewayResponses(): Record<string, Resource> {
  return Object.fromEntries(
    Object.entries(codes).map(([type, code]) => [
      `${type.split('_').map(capitalized).join('')}GatewayResponse`,
      toGatewayResponse(type, code),
    ]),
  )
}

function toGatewayResponse(type: string, code: ErrorCode): Resource {
  const seconds = retryAfterSeconds[type]
  const error = new ServiceError(code, seconds === undefined ? {} : { retryAfterSeconds: seconds })
  const { headers } = problemResponse(error, requestId)
  return {
    Type: 'AWS::ApiGateway::GatewayResponse',
    Properties: {
      RestApiId: { Ref: 'ApiGatewayRestApi' },
      ResponseType: type,
      // Unset, it would be the type's own, and could differ from the document's `status`.
      StatusCode: String(error.status),
      ResponseParameters: Object.fromEntries(
        headerNames
          .filter((name) => headers.has(name))
          .map((name) => [`gatewayresponse.header.${name}`, `'${headers.get(name) ?? ''}'`]),
      ),
      // The key stays application/json, which API Gateway falls back on whatever a client accepts; the header names the
      // type of the document. No VTL: variables are put in, and nothing else.
      ResponseTemplates: { 'application/json': JSON.stringify(toProblem(error, requestId), null, 2) },
    },
  }
}

function capitalized(word: string): string {
  return `${word.charAt(0)}${word.slice(1).toLowerCase()}`
}
