import { createServer } from 'node:http'
import type { APIGatewayProxyEvent } from 'aws-lambda'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { startRestApi, type RestApiOptions, type RestRefusal } from '../../gateway/rest-api.ts'
import type { LambdaFunction } from '../../gateway/lambda-function.ts'
import { gatewayResponses } from './fixtures/gateway-responses.ts'
import { sendRaw } from './raw-request.ts'

const running: { close(): Promise<void> }[] = []

afterEach(async () => {
  await Promise.all(running.splice(0).map((api) => api.close()))
})

const policyFor = (resource: string, Effect = 'Allow'): object => ({
  principalId: 'sub-1',
  policyDocument: { Version: '2012-10-17', Statement: [{ Effect, Action: 'execute-api:Invoke', Resource: resource }] },
  context: { groups: 'service-user' },
})

async function start(overrides: Partial<RestApiOptions> = {}) {
  const events: APIGatewayProxyEvent[] = []
  const refusals: RestRefusal[] = []
  const lambda = vi.fn((event: unknown): Promise<unknown> => {
    events.push(JSON.parse(JSON.stringify(event)) as APIGatewayProxyEvent)
    return Promise.resolve({ statusCode: 200, headers: { 'content-type': 'application/json' }, body: '{"ok":true}' })
  })
  const authorizer = vi.fn<LambdaFunction>(() => Promise.resolve(policyFor('*')))
  const api = await startRestApi({
    gatewayResponses,
    routes: [
      { method: 'POST', path: '/sample', function: lambda, authorization: { kind: 'token' } },
      { method: 'POST', path: '/admin/create-user', function: lambda, authorization: { kind: 'token' } },
      { method: 'GET', path: '/health', function: lambda, authorization: { kind: 'none' } },
    ],
    authorizer: { function: authorizer, identityValidationExpression: 'Bearer [\\w.-]+' },
    onRefusal: (refusal) => refusals.push(refusal),
    ...overrides,
  })
  running.push(api)
  const post = (path = '/sample', init: RequestInit = {}): Promise<Response> =>
    fetch(`${api.url}${path}`, { method: 'POST', headers: { authorization: 'Bearer a' }, body: '{}', ...init })
  return { api, authorizer, events, lambda, post, refusals }
}

async function problem(response: { readonly body: string } | Response): Promise<Record<string, unknown>> {
  const text = response instanceof Response ? await response.text() : response.body
  return JSON.parse(text) as Record<string, unknown>
}

describe('startRestApi', () => {
  it('the answer of the function goes out with the ids of the request', async () => {
    const { events, post } = await start()

    const response = await post()

    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ ok: true })
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('x-amzn-requestid')).toBe(events[0]?.requestContext.requestId)
    expect(response.headers.get('x-amz-apigw-id')).toBe(events[0]?.requestContext.extendedRequestId)
  })

  it('a public route answers without a token and without an authorizer in the event', async () => {
    const { api, authorizer, events } = await start()

    const response = await fetch(`${api.url}/health`)

    expect(response.status).toBe(200)
    expect(authorizer).not.toHaveBeenCalled()
    expect(events[0]?.body).toBeNull()
    expect(Object.hasOwn(events[0]?.requestContext ?? {}, 'authorizer')).toBe(false)
  })

  it('a port that is taken rejects with EADDRINUSE', async () => {
    const { api } = await start()
    const port = Number(new URL(api.url).port)

    await expect(start({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('listens on the loopback address alone', async () => {
    const { api } = await start()

    expect(new URL(api.url).hostname).toBe('127.0.0.1')
  })

  it('close ends open connections', async () => {
    const { api, post, lambda } = await start()
    lambda.mockReturnValue(new Promise(() => undefined))
    const open = expect(post()).rejects.toThrow('fetch failed')
    await vi.waitFor(() => {
      expect(lambda).toHaveBeenCalled()
    })

    await api.close()

    await open
  })
})

describe('events', () => {
  it('a request becomes the whole event of a REST API proxy integration', async () => {
    const { api, events } = await start({ now: () => Date.UTC(2026, 10, 5, 7, 8, 9, 123), stage: 'prod' })

    await sendRaw(api.url, {
      method: 'POST',
      target: '/sample?a=1&b=x%20y&a=2',
      headers: [
        'Authorization: Bearer a',
        'X-Double: 1',
        'x-double: 2',
        'User-Agent: probe',
        'X-Forwarded-For: 10.0.0.1',
      ],
      body: '{"é":1}',
    })

    const text: unknown = expect.any(String)
    expect(events).toEqual([
      {
        resource: '/sample',
        path: '/sample',
        httpMethod: 'POST',
        headers: {
          Host: 'local',
          Authorization: 'Bearer a',
          'X-Double': '2',
          'User-Agent': 'probe',
          'X-Amzn-Trace-Id': expect.stringMatching(/^Root=1-6aec2b59-[0-9a-f]{24}$/) as unknown,
          'X-Forwarded-For': '10.0.0.1, 127.0.0.1',
          'X-Forwarded-Port': '443',
          'X-Forwarded-Proto': 'https',
        },
        multiValueHeaders: expect.objectContaining({ 'X-Double': ['1', '2'], Host: ['local'] }) as unknown,
        queryStringParameters: { a: '2', b: 'x y' },
        multiValueQueryStringParameters: { a: ['1', '2'], b: ['x y'] },
        pathParameters: null,
        stageVariables: null,
        requestContext: {
          accountId: '000000000000',
          apiId: api.apiId,
          domainName: `${api.apiId}.execute-api.us-east-1.amazonaws.com`,
          domainPrefix: api.apiId,
          resourceId: expect.stringMatching(/^[0-9a-f]{6}$/) as unknown,
          resourcePath: '/sample',
          httpMethod: 'POST',
          path: '/prod/sample',
          stage: 'prod',
          protocol: 'HTTP/1.1',
          requestId: text,
          extendedRequestId: text,
          requestTime: '05/Nov/2026:07:08:09 +0000',
          requestTimeEpoch: Date.UTC(2026, 10, 5, 7, 8, 9, 123),
          identity: {
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
            sourceIp: '127.0.0.1',
            user: null,
            userAgent: 'probe',
            userArn: null,
          },
          authorizer: { groups: 'service-user', principalId: 'sub-1', integrationLatency: 0 },
        },
        body: '{"é":1}',
        isBase64Encoded: false,
      },
    ])
  })

  it('a request without query, body and user agent says null', async () => {
    const { api, events } = await start()

    await sendRaw(api.url, { target: '/health' })

    expect(events[0]).toMatchObject({ queryStringParameters: null, multiValueQueryStringParameters: null, body: null })
    expect(events[0]?.requestContext.identity.userAgent).toBeNull()
  })

  it('headers of the connection and those that a REST API withholds stay behind, and one named __proto__ is a header', async () => {
    const { api, events } = await start()
    const withheld = [
      'Content-MD5',
      'Expect',
      'Max-Forwards',
      'Proxy-Authenticate',
      'Server',
      'Trailer',
      'WWW-Authenticate',
    ]
    const headers = ['TE', 'Keep-Alive', ...withheld].map(
      (name) => `${name}: ${name === 'Expect' ? '100-continue' : 'x'}`,
    )

    await sendRaw(api.url, { target: '/health', headers: [...headers, '__proto__: x'], body: '{}' })

    const names = Object.keys(events[0]?.multiValueHeaders ?? {}).map((name) => name.toLowerCase())
    expect(names).toContain('__proto__')
    for (const name of [
      'te',
      'keep-alive',
      'connection',
      'content-length',
      ...withheld.map((name) => name.toLowerCase()),
    ])
      expect(names).not.toContain(name)
  })
})

describe('routes', () => {
  it.each([
    '/unknown',
    '/',
    '/sample//',
    '//sample',
    '/Sample',
    '/%73ample',
    '/./sample',
    '/x/../sample',
    '/sample/%2e%2e/admin/create-user',
    '/admin\\create-user',
    '/sample;x=1',
    '/sample%3Fx',
    '/sample#x',
    '/dev/sample',
    'http://local/unknown',
    '*',
  ])('the target %s is unknown: 403 without a call', async (target) => {
    const { api, authorizer, lambda, refusals } = await start()

    const response = await sendRaw(api.url, { method: 'POST', target, headers: ['Authorization: Bearer a'] })

    expect(response.status).toBe(403)
    expect(await problem(response)).toMatchObject({ type: 'MISSING_AUTHENTICATION_TOKEN' })
    expect(refusals).toEqual([
      {
        requestId: response.headers.get('x-amzn-requestid'),
        status: 403,
        responseType: 'MISSING_AUTHENTICATION_TOKEN',
        reason: 'no such method and path',
      },
    ])
    expect(authorizer).not.toHaveBeenCalled()
    expect(lambda).not.toHaveBeenCalled()
  })

  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT', 'FOO', 'post'])(
    'the method %s on a path that has POST only is unknown',
    async (method) => {
      const { api, refusals } = await start()

      const response = await sendRaw(api.url, { method, target: '/sample' })

      expect(response.status).toBe(403)
      expect(refusals).toMatchObject([{ responseType: 'MISSING_AUTHENTICATION_TOKEN' }])
    },
  )

  it('a slash behind the path finds the resource, and the event keeps it', async () => {
    const { authorizer, events, post } = await start()

    const response = await post('/sample/')

    expect(response.status).toBe(200)
    expect(events).toMatchObject([
      { resource: '/sample', path: '/sample/', requestContext: { resourcePath: '/sample', path: '/dev/sample/' } },
    ])
    expect(authorizer).toHaveBeenCalledWith(
      expect.objectContaining({ methodArn: expect.stringMatching(/\/dev\/POST\/sample$/) as string }),
    )
  })

  it('a query after a known path changes nothing about the route', async () => {
    const { post } = await start()

    expect((await post('/sample?path=/admin/create-user')).status).toBe(200)
  })
})

describe('authorizer', () => {
  it('is asked with the whole header and the ARN of the method', async () => {
    const { api, authorizer, post } = await start({ region: 'eu-west-1', accountId: '123456789012', stage: 'prod' })

    await post('/admin/create-user')

    expect(authorizer.mock.calls).toEqual([
      [
        {
          type: 'TOKEN',
          authorizationToken: 'Bearer a',
          methodArn: `arn:aws:execute-api:eu-west-1:123456789012:${api.apiId}/prod/POST/admin/create-user`,
        },
      ],
    ])
  })

  it('without a token the answer is the 401 problem with its challenge', async () => {
    const { api, authorizer, refusals } = await start()

    const response = await fetch(`${api.url}/sample`, { method: 'POST', body: '{}' })

    expect(response.status).toBe(401)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="test"')
    expect(await problem(response)).toEqual({
      type: 'UNAUTHORIZED',
      request_id: response.headers.get('x-amz-apigw-id'),
    })
    expect(refusals).toMatchObject([{ responseType: 'UNAUTHORIZED', reason: 'identity source missing' }])
    expect(authorizer).not.toHaveBeenCalled()
  })

  it('two Authorization headers, each good by itself, are refused without a call', async () => {
    const { api, authorizer, refusals } = await start()

    const response = await sendRaw(api.url, {
      method: 'POST',
      target: '/sample',
      headers: ['Authorization: Bearer a', 'authorization: Bearer b'],
    })

    expect(response.status).toBe(401)
    expect(refusals).toMatchObject([{ reason: 'identity validation expression does not match' }])
    expect(authorizer).not.toHaveBeenCalled()
  })

  it.each([
    ['throws Unauthorized', () => Promise.reject(new Error('Unauthorized')), 401, 'UNAUTHORIZED'],
    ['denies', () => Promise.resolve(policyFor('*', 'Deny')), 403, 'ACCESS_DENIED'],
    ['names other routes only', () => Promise.resolve(policyFor('arn:a:b:c:d:e')), 403, 'ACCESS_DENIED'],
    ['fails', () => Promise.reject(new Error('x')), 500, 'AUTHORIZER_CONFIGURATION_ERROR'],
    ['returns nonsense', () => Promise.resolve('x'), 500, 'AUTHORIZER_CONFIGURATION_ERROR'],
    ['never answers', () => new Promise(() => undefined), 500, 'AUTHORIZER_FAILURE'],
  ])('one that %s keeps the request from the function', async (_, implementation, status, responseType) => {
    const { authorizer, lambda, post, refusals } = await start({ integrationTimeoutMs: 50 })
    authorizer.mockImplementation(implementation)

    const response = await post()

    expect(response.status).toBe(status)
    expect(await problem(response)).toMatchObject({ type: responseType })
    expect(refusals).toMatchObject([{ responseType, status }])
    expect(lambda).not.toHaveBeenCalled()
  })

  it('its verdict is kept for 300 s unless told otherwise, and a flush forgets it', async () => {
    const clock = { time: Date.now() }
    const { api, authorizer, post } = await start({ now: () => clock.time })
    await post()
    clock.time += 299_999
    await post()
    expect(authorizer).toHaveBeenCalledTimes(1)

    clock.time += 1
    await post()
    expect(authorizer).toHaveBeenCalledTimes(2)

    api.flushAuthorizerCache()
    await post()
    expect(authorizer).toHaveBeenCalledTimes(3)
  })

  it('a TTL of its own is used', async () => {
    const authorizer = vi.fn(() => Promise.resolve(policyFor('*')))
    const { post } = await start({
      authorizer: { function: authorizer, identityValidationExpression: '.*', ttlSeconds: 0 },
    })

    await post()
    await post()

    expect(authorizer).toHaveBeenCalledTimes(2)
  })
})

describe('integration', () => {
  it('a function that throws is a 502 in fixed words', async () => {
    const { lambda, post, refusals } = await start()
    lambda.mockRejectedValue(new Error('secret detail'))

    const response = await post()
    const text = await response.text()

    expect(response.status).toBe(502)
    expect(JSON.parse(text)).toMatchObject({ type: 'DEFAULT_5XX' })
    expect(text).not.toContain('secret detail')
    expect(refusals).toMatchObject([{ responseType: 'DEFAULT_5XX', reason: 'function failed' }])
  })

  it('a malformed result is a 502', async () => {
    const { lambda, post, refusals } = await start()
    lambda.mockResolvedValue({ status: 200 })

    const response = await post()

    expect(response.status).toBe(502)
    expect(refusals).toMatchObject([
      { responseType: 'DEFAULT_5XX', reason: 'the result is not that of a REST API proxy integration' },
    ])
  })

  it('a function that takes too long is a 504', async () => {
    const { lambda, post, refusals } = await start({ integrationTimeoutMs: 50 })
    lambda.mockReturnValue(new Promise(() => undefined))

    const response = await post()

    expect(response.status).toBe(504)
    expect(await problem(response)).toMatchObject({ type: 'INTEGRATION_TIMEOUT' })
    expect(refusals).toMatchObject([{ responseType: 'INTEGRATION_TIMEOUT', reason: 'function timed out' }])
  })

  it('headers of each kind go out', async () => {
    const { lambda, post } = await start()
    lambda.mockResolvedValue({
      statusCode: 201,
      headers: { 'x-one': 1 },
      multiValueHeaders: { 'set-cookie': ['a', 'b'] },
    })

    const response = await post()

    expect(response.status).toBe(201)
    expect(response.headers.get('x-one')).toBe('1')
    expect(response.headers.getSetCookie()).toEqual(['a', 'b'])
    expect(await response.text()).toBe('')
  })
})

describe('limits', () => {
  const others = ['local', 'close', 'Bearer a', '2'].join('').length

  it('header values of 10240 bytes pass and of 10241 are refused', async () => {
    const { api, lambda, refusals } = await start()
    const send = (bytes: number) =>
      sendRaw(api.url, {
        method: 'POST',
        target: '/sample',
        headers: ['Authorization: Bearer a', `X-Pad: ${'x'.repeat(bytes - others)}`],
        body: '{}',
      })

    const inside = await send(10_240)
    const outside = await send(10_241)

    expect(inside.status).toBe(200)
    expect(outside.status).toBe(431)
    expect(outside.body).toBe('{"message":"Request Header Fields Too Large"}')
    expect(lambda).toHaveBeenCalledTimes(1)
    expect(refusals).toMatchObject([{ status: 431, responseType: null, reason: 'header values over 10240 bytes' }])
  })

  it('a payload of 10 MB passes and one byte more is refused, however it is sent', async () => {
    const { events, post, refusals } = await start()
    const bytes = new Uint8Array(10 * 1024 * 1024 + 1).fill(120)

    const inside = await post('/sample', { body: bytes.subarray(1) })
    const outside = await post('/sample', { body: bytes })

    expect(inside.status).toBe(200)
    expect(events[0]?.body).toHaveLength(10 * 1024 * 1024)
    expect(outside.status).toBe(413)
    expect(await outside.json()).toEqual({ message: 'Request Too Long' })
    expect(refusals).toMatchObject([{ status: 413, responseType: null, reason: 'payload over 10485760 bytes' }])
  })
})

describe('defaults', () => {
  it('without a listener for refusals a refusal is answered as well', async () => {
    const lambda = vi.fn()
    const api = await startRestApi({
      gatewayResponses,
      routes: [{ method: 'GET', path: '/health', function: lambda, authorization: { kind: 'none' } }],
      authorizer: { function: lambda, identityValidationExpression: '.*' },
    })
    running.push(api)

    expect((await fetch(`${api.url}/x`)).status).toBe(403)
  })

  it('an explicit port is used', async () => {
    const probe = createServer().listen(0, '127.0.0.1')
    await vi.waitFor(() => {
      expect(probe.listening).toBe(true)
    })
    const { port } = probe.address() as { port: number }
    await new Promise((resolve) => probe.close(resolve))

    const { api } = await start({ port })

    expect(api.url).toBe(`http://127.0.0.1:${port}`)
  })
})
