import { describe, expect, it } from 'vitest'
import { gatewayResponses } from '#infra/deploy/gateway-responses.ts'
import { parseGatewayResponses, type EmittedResponseType } from '#infra/emulators/gateway/gateway-responses.ts'
import { ServiceError, type ErrorCode } from '#shared/errors.ts'
import { problemResponse } from '#shared/http/problem.ts'

describe('gatewayResponses', () => {
  it.each<[EmittedResponseType, ErrorCode]>([
    ['UNAUTHORIZED', 'unauthorized'],
    ['ACCESS_DENIED', 'forbidden'],
    ['AUTHORIZER_FAILURE', 'internal_error'],
    ['DEFAULT_5XX', 'upstream_error'],
  ])('%s is answered as our apps answer %s', async (type, code) => {
    const reply = parseGatewayResponses(gatewayResponses()).render(type, { extendedRequestId: 'x-1=' })
    const ours = problemResponse(new ServiceError(code), 'x-1=')

    expect(reply.status).toBe(ours.status)
    expect(new Headers(reply.headers.map(([name, value]) => [name, value]))).toEqual(ours.headers)
    expect(JSON.parse(String(reply.body))).toEqual(await ours.json())
  })

  it('a 429 says when to come back, and no other response does', () => {
    const times = Object.values(gatewayResponses()).flatMap(({ Properties }) => {
      const { ResponseType, ResponseParameters } = Properties ?? {}
      const { 'gatewayresponse.header.Retry-After': time } = ResponseParameters as Record<string, string>
      return time === undefined ? [] : [[ResponseType, time]]
    })

    expect(times).toEqual([
      ['THROTTLED', "'1'"],
      ['QUOTA_EXCEEDED', "'3600'"],
    ])
  })
})
