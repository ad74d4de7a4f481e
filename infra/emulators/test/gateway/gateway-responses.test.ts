import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { gatewayResponseTypes, loadGatewayResponses, parseGatewayResponses } from '../../gateway/gateway-responses.ts'
import { ServiceError, type ErrorCode } from '../../../../shared/errors.ts'
import { problemResponse, toProblem } from '../../../../shared/http/problem.ts'

const yaml = readFileSync(new URL('../../../templates/gateway-responses.yml', import.meta.url), 'utf8')

type Properties = {
  readonly ResponseType: string
  readonly StatusCode: string
  readonly ResponseParameters: Readonly<Record<string, string>>
  readonly ResponseTemplates: Readonly<Record<string, string>>
}

const template = parse(yaml, { logLevel: 'silent' }) as { Resources: Record<string, { Properties: Properties }> }
const responses = Object.values(template.Resources).map(({ Properties }) => Properties)
const context = { extendedRequestId: 'x-1=' }

/** Which of our codes stands for which response type; the file is held to it. */
const codes: Readonly<Record<string, ErrorCode>> = {
  ACCESS_DENIED: 'forbidden',
  API_CONFIGURATION_ERROR: 'internal_error',
  AUTHORIZER_CONFIGURATION_ERROR: 'internal_error',
  AUTHORIZER_FAILURE: 'internal_error',
  BAD_REQUEST_BODY: 'invalid_request',
  BAD_REQUEST_PARAMETERS: 'invalid_request',
  DEFAULT_4XX: 'forbidden',
  DEFAULT_5XX: 'upstream_error',
  EXPIRED_TOKEN: 'forbidden',
  INTEGRATION_FAILURE: 'upstream_unavailable',
  INTEGRATION_TIMEOUT: 'upstream_timeout',
  INVALID_API_KEY: 'forbidden',
  INVALID_SIGNATURE: 'forbidden',
  MISSING_AUTHENTICATION_TOKEN: 'forbidden',
  QUOTA_EXCEEDED: 'throttled',
  RESOURCE_NOT_FOUND: 'not_found',
  THROTTLED: 'throttled',
  UNAUTHORIZED: 'unauthorized',
  UNSUPPORTED_MEDIA_TYPE: 'unsupported_media_type',
  WAF_FILTERED: 'forbidden',
}

describe('infra/templates/gateway-responses.yml', () => {
  it('covers every response type but the one that cannot be customised', () => {
    const covered = responses.map(({ ResponseType }) => ResponseType)

    expect(covered.toSorted()).toEqual(gatewayResponseTypes.filter((type) => type !== 'REQUEST_TOO_LARGE').toSorted())
    expect(covered.toSorted()).toEqual(Object.keys(codes).toSorted())
  })

  it.each(responses.map((response) => [response.ResponseType, response] as const))(
    '%s is the problem document that our apps give for the same code',
    (type, { StatusCode, ResponseTemplates, ResponseParameters }) => {
      const problem = toProblem(new ServiceError(codes[type] ?? 'internal_error'), '$context.extendedRequestId')

      expect(JSON.parse(ResponseTemplates['application/json'] ?? '')).toEqual(problem)
      expect(StatusCode).toBe(String(problem.status))
      expect(ResponseParameters).toMatchObject({
        'gatewayresponse.header.Content-Type': "'application/problem+json'",
        'gatewayresponse.header.Cache-Control': "'no-store'",
      })
    },
  )

  it('a 401 says how to authenticate and a 429 when to come back, and no other response does', () => {
    const withHeader = (name: string): string[] =>
      responses.filter((response) => name in response.ResponseParameters).map(({ ResponseType }) => ResponseType)

    expect(withHeader('gatewayresponse.header.WWW-Authenticate')).toEqual(['UNAUTHORIZED'])
    expect(withHeader('gatewayresponse.header.Retry-After')).toEqual(['THROTTLED', 'QUOTA_EXCEEDED'])
  })
})

describe('loadGatewayResponses', () => {
  it('renders the deployed file with the ids of the request', () => {
    const reply = loadGatewayResponses().render('UNAUTHORIZED', context)

    expect(reply.status).toBe(401)
    expect(reply.headers).toEqual([
      ['Content-Type', 'application/problem+json'],
      ['Cache-Control', 'no-store'],
      ['WWW-Authenticate', problemResponse(new ServiceError('unauthorized'), 'r').headers.get('www-authenticate')],
    ])
    expect(JSON.parse(String(reply.body))).toEqual({
      type: 'urn:latchkey:error:unauthorized',
      title: 'Unauthorized',
      status: 401,
      detail: 'A valid access token is required.',
      code: 'unauthorized',
      request_id: 'x-1=',
    })
  })
})

describe('parseGatewayResponses', () => {
  const first = '"request_id": "$context.extendedRequestId"'
  const refused = (message: unknown): unknown => expect.objectContaining({ name: 'GatewayResponseError', message })

  function changed(from: string, to: string): string {
    expect(yaml).toContain(from)
    return yaml.replace(from, () => to)
  }

  it('takes an id with a dollar sign as it is', () => {
    const rendered = parseGatewayResponses(changed(first, '"request_id": "$context.extendedRequestId" ')).render(
      'UNAUTHORIZED',
      { extendedRequestId: '$&' },
    )

    expect(JSON.parse(String(rendered.body))).toMatchObject({ request_id: '$&' })
  })

  it.each(['$context.error.message', '$context.error.messageString', '$stageVariables.a', '$input', '$'])(
    'the variable %s is refused at start',
    (variable) => {
      expect(() => parseGatewayResponses(changed(first, `"request_id": "${variable}"`))).toThrow(
        refused('UNAUTHORIZED has a variable that is not rendered here'),
      )
    },
  )

  it('a template that is not JSON is refused at start', () => {
    expect(() => parseGatewayResponses(changed(first, '"request_id": $context.extendedRequestId'))).toThrow(
      refused('UNAUTHORIZED is not JSON'),
    )
  })

  it('a type that is there twice is refused', () => {
    expect(() => parseGatewayResponses(changed('ResponseType: ACCESS_DENIED', 'ResponseType: UNAUTHORIZED'))).toThrow(
      refused('UNAUTHORIZED is given twice'),
    )
  })

  it('a missing type that the local gateway answers with is refused', () => {
    expect(() =>
      parseGatewayResponses(changed('ResponseType: ACCESS_DENIED', 'ResponseType: REQUEST_TOO_LARGE')),
    ).toThrow(refused('ACCESS_DENIED is missing'))
  })

  it.each([
    ['an unknown type', 'ResponseType: ACCESS_DENIED', 'ResponseType: ACCESS_DENIED_TOO'],
    ['a resource of another kind', 'Type: AWS::ApiGateway::GatewayResponse', 'Type: AWS::ApiGateway::Stage'],
    ['an unknown property', "StatusCode: '401'", "StatusCode: '401'\n      Extra: 1"],
    ['a status that is a number', "StatusCode: '401'", 'StatusCode: 401'],
    ['a status of success', "StatusCode: '401'", "StatusCode: '200'"],
    ['another API', '!Ref ApiGatewayRestApi', '!Ref OtherApi'],
    ['a header mapped from the request', `"'no-store'"`, '"method.request.header.Authorization"'],
    ['a quote inside a header', `"'no-store'"`, `"'no-'store'"`],
    ['a parameter that is no header', 'gatewayresponse.header.WWW-Authenticate', 'gatewayresponse.path.x'],
    ['another template key', 'application/json: |', 'text/html: |'],
  ])('%s is refused', (_, from, to) => {
    expect(() => parseGatewayResponses(changed(from, to))).toThrow(refused(expect.stringContaining('→ at Resources.')))
  })

  it('an unknown CloudFormation tag and broken YAML are refused', () => {
    expect(() => parseGatewayResponses(changed('!Ref ApiGatewayRestApi', '!GetAtt A.B'))).toThrow(
      refused(expect.stringContaining('Unresolved tag: !GetAtt')),
    )
    expect(() => parseGatewayResponses('Resources: [')).toThrow(refused(expect.stringContaining('Flow sequence')))
  })
})
