import { describe, expect, it } from 'vitest'
import { parseGatewayResponses } from '../../gateway/gateway-responses.ts'
import { gatewayResponses } from './fixtures/gateway-responses.ts'

describe('parseGatewayResponses', () => {
  const text = JSON.stringify(gatewayResponses)
  const id = '\\"$context.extendedRequestId\\"'
  const refused = (message: unknown): unknown => expect.objectContaining({ name: 'GatewayResponseError', message })

  function changed(from: string, to: string): Record<string, unknown> {
    expect(text).toContain(from)
    return JSON.parse(text.replace(from, () => to)) as Record<string, unknown>
  }

  it('renders status, headers and the id of the request, one with a dollar sign as it is', () => {
    const reply = parseGatewayResponses(gatewayResponses).render('UNAUTHORIZED', { extendedRequestId: '$&' })

    expect({ ...reply, body: JSON.parse(String(reply.body)) as unknown }).toEqual({
      status: 401,
      headers: [
        ['Content-Type', 'application/problem+json'],
        ['Cache-Control', 'no-store'],
        ['WWW-Authenticate', 'Bearer realm="test"'],
      ],
      body: { type: 'UNAUTHORIZED', request_id: '$&' },
    })
  })

  it.each(['$context.error.message', '$context.error.messageString', '$stageVariables.a', '$input', '$'])(
    'the variable %s is refused at start',
    (variable) => {
      expect(() => parseGatewayResponses(changed(id, `\\"${variable}\\"`))).toThrow(
        refused('UNAUTHORIZED has a variable that is not rendered here'),
      )
    },
  )

  it('a template that is not JSON is refused at start', () => {
    expect(() => parseGatewayResponses(changed(id, '$context.extendedRequestId'))).toThrow(
      refused('UNAUTHORIZED is not JSON'),
    )
  })

  it('a type that is there twice is refused', () => {
    expect(() => parseGatewayResponses(changed('"ACCESS_DENIED"', '"UNAUTHORIZED"'))).toThrow(
      refused('UNAUTHORIZED is given twice'),
    )
  })

  it('a missing type that the local gateway answers with is refused', () => {
    expect(() => parseGatewayResponses(changed('"ACCESS_DENIED"', '"REQUEST_TOO_LARGE"'))).toThrow(
      refused('ACCESS_DENIED is missing'),
    )
  })

  it.each([
    ['an unknown type', '"ACCESS_DENIED"', '"ACCESS_DENIED_TOO"'],
    ['a resource of another kind', 'AWS::ApiGateway::GatewayResponse', 'AWS::ApiGateway::Stage'],
    ['an unknown property', '"StatusCode":"401"', '"StatusCode":"401","Extra":1'],
    ['a status that is a number', '"StatusCode":"401"', '"StatusCode":401'],
    ['a status of success', '"StatusCode":"401"', '"StatusCode":"200"'],
    ['another API', '"Ref":"ApiGatewayRestApi"', '"Ref":"OtherApi"'],
    ['a header mapped from the request', `"'no-store'"`, '"method.request.header.Authorization"'],
    ['a quote inside a header', `"'no-store'"`, `"'no-'store'"`],
    ['a parameter that is no header', 'gatewayresponse.header.WWW-Authenticate', 'gatewayresponse.path.x'],
    ['another template key', '"application/json":', '"text/html":'],
  ])('%s is refused', (_, from, to) => {
    expect(() => parseGatewayResponses(changed(from, to))).toThrow(refused(expect.stringContaining('→ at ')))
  })
})
