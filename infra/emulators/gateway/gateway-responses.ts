// Reads the gateway responses of a template and renders them; it refuses what it cannot render alike.
import * as z from 'zod/mini'
import type { GatewayReply, Header } from './loopback-server.ts'

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html */
export const gatewayResponseTypes = [
  'ACCESS_DENIED',
  'API_CONFIGURATION_ERROR',
  'AUTHORIZER_CONFIGURATION_ERROR',
  'AUTHORIZER_FAILURE',
  'BAD_REQUEST_BODY',
  'BAD_REQUEST_PARAMETERS',
  'DEFAULT_4XX',
  'DEFAULT_5XX',
  'EXPIRED_TOKEN',
  'INTEGRATION_FAILURE',
  'INTEGRATION_TIMEOUT',
  'INVALID_API_KEY',
  'INVALID_SIGNATURE',
  'MISSING_AUTHENTICATION_TOKEN',
  'QUOTA_EXCEEDED',
  'REQUEST_TOO_LARGE',
  'RESOURCE_NOT_FOUND',
  'THROTTLED',
  'UNAUTHORIZED',
  'UNSUPPORTED_MEDIA_TYPE',
  'WAF_FILTERED',
] as const

export type GatewayResponseType = (typeof gatewayResponseTypes)[number]

/** What the local gateway itself answers with. A function that fails has no type of its own, only `DEFAULT_5XX`. */
const emittedTypes = [
  'ACCESS_DENIED',
  'AUTHORIZER_CONFIGURATION_ERROR',
  'AUTHORIZER_FAILURE',
  'DEFAULT_5XX',
  'INTEGRATION_TIMEOUT',
  'INVALID_SIGNATURE',
  'MISSING_AUTHENTICATION_TOKEN',
  'UNAUTHORIZED',
] as const satisfies readonly GatewayResponseType[]

export type EmittedResponseType = (typeof emittedTypes)[number]

export type GatewayResponseContext = { readonly extendedRequestId: string }

export type GatewayResponses = {
  render(type: EmittedResponseType, context: GatewayResponseContext): GatewayReply
}

export class GatewayResponseError extends Error {
  override readonly name = 'GatewayResponseError'
}

const gatewayResponseResource = z.strictObject({
  Type: z.literal('AWS::ApiGateway::GatewayResponse'),
  Properties: z.strictObject({
    RestApiId: z.strictObject({ Ref: z.literal('ApiGatewayRestApi') }),
    ResponseType: z.enum(gatewayResponseTypes),
    // Unset, the status would be the type's own and could not be known to agree with the document's `status`.
    StatusCode: z.string().check(z.regex(/^[45]\d\d$/)),
    ResponseParameters: z.record(
      z.string().check(z.regex(/^gatewayresponse\.header\.[A-Za-z0-9-]+$/)),
      // A static value; a mapping from the request would send back what was sent.
      z.string().check(z.regex(/^'[\x20-\x26\x28-\x7e]*'$/)),
    ),
    ResponseTemplates: z.strictObject({ 'application/json': z.string() }),
  }),
})

const gatewayResponseResources = z.record(z.string(), gatewayResponseResource)

type GatewayResponse = z.infer<typeof gatewayResponseResource>['Properties']

/**
 * The gateway responses of CloudFormation's `resources`, by logical id. Throws GatewayResponseError for a resource of
 * another form, a type twice or one of ours missing, a template that does not render to JSON, and for any variable but
 * `$context.extendedRequestId`: error messages and request parameters can quote a token, a client can choose `requestId`.
 */
export function parseGatewayResponses(resources: Readonly<Record<string, unknown>>): GatewayResponses {
  const parsed = z.safeParse(gatewayResponseResources, resources)
  if (!parsed.success) throw new GatewayResponseError(z.prettifyError(parsed.error))
  const responses = new Map<string, GatewayResponse>()
  for (const { Properties: properties } of Object.values(parsed.data)) {
    const type = properties.ResponseType
    if (responses.has(type)) throw new GatewayResponseError(`${type} is given twice`)
    if (!isJsonObject(renderTemplate(properties, sampleContext))) throw new GatewayResponseError(`${type} is not JSON`)
    responses.set(type, properties)
  }
  const emitted = emittedTypes.map((type) => {
    const response = responses.get(type)
    if (response === undefined) throw new GatewayResponseError(`${type} is missing`)
    return [type, response] as const
  })
  const byType = Object.fromEntries(emitted) as Record<EmittedResponseType, GatewayResponse>
  return { render: (type, context) => render(byType[type], context) }
}

const sampleContext: GatewayResponseContext = { extendedRequestId: 'sample' }

function render(response: GatewayResponse, context: GatewayResponseContext): GatewayReply {
  const headers = Object.entries(response.ResponseParameters).map(([parameter, value]): Header => [
    parameter.replace('gatewayresponse.header.', ''),
    value.slice(1, -1),
  ])
  return { status: Number(response.StatusCode), headers, body: renderTemplate(response, context) }
}

/** Templates are not VTL here: API Gateway puts variables in, and nothing else is special. */
function renderTemplate(response: GatewayResponse, context: GatewayResponseContext): string {
  return response.ResponseTemplates['application/json'].replace(/\$[\w.]*/g, (variable) => {
    if (variable === '$context.extendedRequestId') return context.extendedRequestId
    throw new GatewayResponseError(`${response.ResponseType} has a variable that is not rendered here`)
  })
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}
