import { describe, expect, it } from 'vitest'
import { sendRaw } from './raw-request.ts'
import { callerArn, startHttp } from './running-api.ts'

describe('startHttpApi', () => {
  it('the answer of the function goes out with the id of the request', async () => {
    const { events, post } = await startHttp()

    const response = await post()

    expect(response.status).toBe(201)
    expect(await response.json()).toEqual({ ok: true })
    expect(response.headers.get('apigw-requestid')).toBe(events[0]?.requestContext.requestId)
  })

  it('a request becomes the whole event of payload format 2.0', async () => {
    const { api, events } = await startHttp({ now: () => Date.UTC(2026, 0, 5, 7, 8, 9, 123) })

    await sendRaw(api.url, {
      method: 'POST',
      target: '/create-service-user?a=1&b=x%20y&a=2',
      headers: [
        'Authorization: AWS4-HMAC-SHA256 Credential=x',
        'Content-Type: application/json',
        'X-Double: 1',
        'x-double: 2',
        'User-Agent: probe',
        'Cookie: a=1; b=2',
        'Cookie: c=3',
      ],
      body: '{"é":1}',
    })

    const requestId: unknown = expect.stringMatching(/^[\w+/]{15}=$/)
    const apiId = events[0]?.requestContext.apiId ?? ''
    expect(apiId).toMatch(/^[0-9a-f]{10}$/)
    expect(events).toEqual([
      {
        version: '2.0',
        routeKey: 'POST /create-service-user',
        rawPath: '/create-service-user',
        rawQueryString: 'a=1&b=x%20y&a=2',
        cookies: ['a=1', 'b=2', 'c=3'],
        headers: {
          host: 'local',
          'content-length': '8',
          'content-type': 'application/json',
          'x-double': '1,2',
          'user-agent': 'probe',
          'x-amzn-trace-id': expect.stringMatching(/^Root=1-695b6359-[0-9a-f]{24}$/) as unknown,
          'x-forwarded-for': '127.0.0.1',
          'x-forwarded-port': '443',
          'x-forwarded-proto': 'https',
        },
        queryStringParameters: { a: '1,2', b: 'x y' },
        requestContext: {
          accountId: '000000000000',
          apiId,
          authorizer: {
            iam: {
              accessKey: 'local',
              accountId: '123456789012',
              callerId: 'AROALOCAL:alice',
              cognitoIdentity: null,
              principalOrgId: '',
              userArn: callerArn,
              userId: 'AROALOCAL:alice',
            },
          },
          domainName: `${apiId}.execute-api.us-east-1.amazonaws.com`,
          domainPrefix: apiId,
          http: {
            method: 'POST',
            path: '/create-service-user',
            protocol: 'HTTP/1.1',
            sourceIp: '127.0.0.1',
            userAgent: 'probe',
          },
          requestId,
          routeKey: 'POST /create-service-user',
          stage: '$default',
          time: '05/Jan/2026:07:08:09 +0000',
          timeEpoch: Date.UTC(2026, 0, 5, 7, 8, 9, 123),
        },
        body: '{"é":1}',
        isBase64Encoded: false,
      },
    ])
  })

  it('a request without query, cookies and body has no such keys', async () => {
    const { api, events } = await startHttp()

    await sendRaw(api.url, { target: '/health' })

    const [event] = events
    for (const key of ['pathParameters', 'queryStringParameters', 'cookies', 'body'])
      expect(Object.hasOwn(event ?? {}, key)).toBe(false)
    expect(event).toMatchObject({ rawQueryString: '', isBase64Encoded: false })
    expect(event?.requestContext.http.userAgent).toBe('')
  })

  it.each(['GET', 'POST', 'PUT', 'DELETE'])('%s with parameters is told them decoded', async (method) => {
    const { events, lambda } = await startHttp()
    const { api } = await startHttp({ routes: [{ method, path: '/pets/{pet}', function: lambda }] })

    await sendRaw(api.url, { method, target: '/pets/ada%40example.com?force=true&tag=a%2Cb&tag=c%20d' })

    expect(events).toMatchObject([
      {
        routeKey: `${method} /pets/{pet}`,
        rawPath: '/pets/ada@example.com',
        rawQueryString: 'force=true&tag=a%2Cb&tag=c%20d',
        pathParameters: { pet: 'ada@example.com' },
        queryStringParameters: { force: 'true', tag: 'a,b,c d' },
        requestContext: { routeKey: `${method} /pets/{pet}`, http: { method, path: '/pets/ada@example.com' } },
      },
    ])
  })

  it('a path that cannot be decoded is 400', async () => {
    const { api, lambda, refusals } = await startHttp()

    const response = await sendRaw(api.url, { target: '/health%25zz' })

    expect([response.status, response.body]).toEqual([400, '{"message":"Bad Request"}'])
    expect(refusals).toMatchObject([{ status: 400, reason: 'path cannot be decoded' }])
    expect(lambda).not.toHaveBeenCalled()
  })

  it.each([
    ['application/json', 'ÿ', false],
    ['APPLICATION/JSON; charset=utf-8', 'ÿ', false],
    ['text/csv;x=1', 'ÿ', false],
    ['application/xml', 'ÿ', false],
    ['application/javascript', 'ÿ', false],
    ['application/octet-stream', 'w78=', true],
    ['application/x-www-form-urlencoded', 'w78=', true],
    ['application/problem+json', 'w78=', true],
    ['application/jsonx', 'w78=', true],
    ['x-text/plain', 'w78=', true],
    ['', 'w78=', true],
  ])('a body sent as %j is %j to the function', async (contentType, body, isBase64Encoded) => {
    const { events, post } = await startHttp()

    await post({ headers: { 'content-type': contentType }, body: 'ÿ' })

    expect(events).toMatchObject([{ body, isBase64Encoded }])
  })

  it('a body without a content type is base64', async () => {
    const { api, events } = await startHttp()

    await sendRaw(api.url, { method: 'POST', target: '/create-service-user', body: '{}' })

    expect(events).toMatchObject([{ body: 'e30=', isBase64Encoded: true }])
  })

  it.each([
    ['/unknown', 'POST'],
    ['/create-service-user/', 'POST'],
    ['/x/../create-service-user', 'POST'],
    ['/pets/', 'GET'],
    ['/pets/a%2Fb', 'PUT'],
    ['/health', 'CONNECT'],
    ['/create-service-user', 'GET'],
    ['/health', 'HEAD'],
  ])('%s by %s is unknown: 404 without a call', async (target, method) => {
    const { api, lambda, refusals } = await startHttp()

    const response = await sendRaw(api.url, { method, target })

    expect(response.status).toBe(404)
    expect(response.body).toBe(method === 'HEAD' ? '' : '{"message":"Not Found"}')
    expect(refusals).toEqual([
      { requestId: response.headers.get('apigw-requestid'), status: 404, reason: 'no such method and path' },
    ])
    expect(lambda).not.toHaveBeenCalled()
  })

  it('without a caller every route is 403, and an unknown one still 404', async () => {
    const { api, lambda, post, refusals } = await startHttp({ callerArn: null })

    const response = await post()

    expect(response.status).toBe(403)
    expect(await response.json()).toEqual({ message: 'Forbidden' })
    expect((await fetch(`${api.url}/health`)).status).toBe(403)
    expect((await fetch(`${api.url}/x`)).status).toBe(404)
    expect(refusals).toMatchObject([{ reason: 'request is not signed' }, { status: 403 }, { status: 404 }])
    expect(lambda).not.toHaveBeenCalled()
  })

  it('an IAM user is a caller too', async () => {
    const userArn = 'arn:aws:iam::123456789012:user/ops/bob'
    const { events, post } = await startHttp({ callerArn: userArn })

    await post()

    expect(events[0]?.requestContext.authorizer.iam).toMatchObject({ userArn, userId: 'AIDALOCAL' })
  })

  it.each(['', 'alice', 'arn:aws:iam::123:user/x', 'arn:aws:s3:::bucket', `${callerArn}\n`])(
    'the caller %j is refused at start',
    async (wrong) => {
      await expect(startHttp({ callerArn: wrong })).rejects.toThrow(
        'callerArn is not the ARN of an IAM user, a role or a role session',
      )
    },
  )

  it.each([
    ['throws', () => Promise.reject(new Error('secret detail')), 500, 'Internal Server Error', 'function failed'],
    [
      'answers nonsense',
      () => Promise.resolve({ statusCode: 'ok' }),
      500,
      'Internal Server Error',
      'the result is not one of payload format 2.0',
    ],
    ['takes too long', () => new Promise(() => undefined), 503, 'Service Unavailable', 'function timed out'],
  ])('a function that %s is refused in fixed words', async (_, implementation, status, message, reason) => {
    const { lambda, post, refusals } = await startHttp({ integrationTimeoutMs: 50 })
    lambda.mockImplementation(implementation)

    const response = await post()

    expect(response.status).toBe(status)
    expect(await response.text()).toBe(JSON.stringify({ message }))
    expect(refusals).toMatchObject([{ status, reason }])
  })

  it('request line and header values of 10240 bytes pass and of 10241 are refused', async () => {
    const { api, refusals } = await startHttp()
    const others = 'GET /health HTTP/1.1'.length + 'localclose'.length
    const send = (bytes: number) =>
      sendRaw(api.url, { target: '/health', headers: [`X-Pad: ${'x'.repeat(bytes - others)}`] })

    const inside = await send(10_240)
    const outside = await send(10_241)

    expect(inside.status).toBe(201)
    expect(outside.status).toBe(431)
    expect(refusals).toMatchObject([{ status: 431, reason: 'header values over 10240 bytes' }])
  })

  it('a payload over 10 MB is refused', async () => {
    const { lambda, post, refusals } = await startHttp()

    const response = await post({ body: new Uint8Array(10 * 1024 * 1024 + 1) })

    expect(response.status).toBe(413)
    expect(await response.json()).toEqual({ message: 'Request Too Long' })
    expect(refusals).toMatchObject([{ status: 413, reason: 'payload over 10485760 bytes' }])
    expect(lambda).not.toHaveBeenCalled()
  })
})
