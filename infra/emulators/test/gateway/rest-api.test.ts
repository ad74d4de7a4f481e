import { describe, expect, it, vi } from 'vitest'
import { sendRaw } from './raw-request.ts'
import { policyFor, startRest } from './running-api.ts'

async function problem(response: { readonly body: string } | Response): Promise<Record<string, unknown>> {
  const text = response instanceof Response ? await response.text() : response.body
  return JSON.parse(text) as Record<string, unknown>
}

describe('startRestApi', () => {
  it('the answer of the function goes out with the ids of the request', async () => {
    const { events, post } = await startRest()

    const response = await post()

    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ ok: true })
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(response.headers.get('x-amzn-requestid')).toBe(events[0]?.requestContext.requestId)
    expect(response.headers.get('x-amz-apigw-id')).toBe(events[0]?.requestContext.extendedRequestId)
  })

  it('a public route answers without a token and without an authorizer in the event', async () => {
    const { api, authorizer, events } = await startRest()

    const response = await fetch(`${api.url}/health`)

    expect(response.status).toBe(200)
    expect(authorizer).not.toHaveBeenCalled()
    expect(events[0]?.requestContext).not.toHaveProperty('authorizer')
  })

  it('a port that is taken rejects with EADDRINUSE', async () => {
    const { api } = await startRest()
    const port = Number(new URL(api.url).port)

    await expect(startRest({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })

  it('close ends open connections', async () => {
    const { api, post, lambda } = await startRest()
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
    const { api, events } = await startRest({ now: () => Date.UTC(2026, 10, 5, 7, 8, 9, 123), stage: 'prod' })

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
    const { api, events } = await startRest()

    await sendRaw(api.url, { target: '/health' })

    expect(events[0]).toMatchObject({ queryStringParameters: null, multiValueQueryStringParameters: null, body: null })
    expect(events[0]?.requestContext.identity.userAgent).toBeNull()
  })

  it('headers of the connection and those that a REST API withholds stay behind, and one named __proto__ is a header', async () => {
    const { api, events } = await startRest()
    const withheld = ['Content-MD5', 'Max-Forwards', 'Proxy-Authenticate', 'Server', 'Trailer', 'WWW-Authenticate']
    const headers = ['TE', 'Keep-Alive', ...withheld].map((name) => `${name}: x`)

    await sendRaw(api.url, {
      target: '/health',
      headers: [...headers, 'Expect: 100-continue', '__proto__: x'],
      body: '{}',
    })

    const names = Object.keys(events[0]?.multiValueHeaders ?? {}).map((name) => name.toLowerCase())
    expect(names.filter((name) => !name.startsWith('x-')).toSorted()).toEqual(['__proto__', 'host'])
  })
})

describe('routes', () => {
  it.each([
    ['POST', '/unknown'],
    ['POST', '/%73ample'],
    ['POST', '/x/../sample'],
    ['POST', 'http://local/unknown'],
    ['POST', '*'],
    ['GET', '/sample'],
    ['OPTIONS', '/sample'],
    ['CONNECT', '/sample'],
    ['post', '/sample'],
  ])('%s %s is unknown: 403 without a call', async (method, target) => {
    const { api, authorizer, lambda, refusals } = await startRest()

    const response = await sendRaw(api.url, { method, target, headers: ['Authorization: Bearer a'] })

    expect(response.status).toBe(403)
    expect(await problem(response)).toMatchObject({ type: 'MISSING_AUTHENTICATION_TOKEN' })
    const requestId = response.headers.get('x-amzn-requestid')
    const responseType = 'MISSING_AUTHENTICATION_TOKEN'
    expect(refusals).toEqual([{ requestId, status: 403, responseType, reason: 'no such method and path' }])
    expect(authorizer).not.toHaveBeenCalled()
    expect(lambda).not.toHaveBeenCalled()
  })

  it('a slash behind the path finds the resource, and the event keeps it', async () => {
    const { authorizer, events, post } = await startRest()

    const response = await post('/sample/')

    expect(response.status).toBe(200)
    expect(events).toMatchObject([
      { resource: '/sample', path: '/sample/', requestContext: { resourcePath: '/sample', path: '/dev/sample/' } },
    ])
    expect(authorizer).toHaveBeenCalledWith(
      expect.objectContaining({ methodArn: expect.stringMatching(/\/dev\/POST\/sample$/) as string }),
    )
  })
})

describe('authorizer', () => {
  it('is asked with the whole header and the ARN of the method', async () => {
    const { api, authorizer, post } = await startRest({ region: 'eu-west-1', accountId: '123456789012', stage: 'prod' })

    await post('/admin/create-user?path=/sample')

    const methodArn = `arn:aws:execute-api:eu-west-1:123456789012:${api.apiId}/prod/POST/admin/create-user`
    expect(authorizer.mock.calls).toEqual([[{ type: 'TOKEN', authorizationToken: 'Bearer a', methodArn }]])
  })

  it('without a token the answer is the 401 problem with its challenge', async () => {
    const { api, authorizer, refusals } = await startRest()

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
    const { api, authorizer, refusals } = await startRest()
    const headers = ['Authorization: Bearer a', 'authorization: Bearer b']

    const response = await sendRaw(api.url, { method: 'POST', target: '/sample', headers })

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
    const { authorizer, lambda, post, refusals } = await startRest({ integrationTimeoutMs: 50 })
    authorizer.mockImplementation(implementation)

    const response = await post()

    expect(response.status).toBe(status)
    expect(await problem(response)).toMatchObject({ type: responseType })
    expect(refusals).toMatchObject([{ responseType, status }])
    expect(lambda).not.toHaveBeenCalled()
  })

  it('its verdict is kept for 300 s unless told otherwise', async () => {
    const clock = { time: Date.now() }
    const { authorizer, post } = await startRest({ now: () => clock.time })
    const calls: number[] = []

    for (const later of [0, 299_999, 1]) {
      clock.time += later
      await post()
      calls.push(authorizer.mock.calls.length)
    }

    expect(calls).toEqual([1, 1, 2])
  })

  it('a TTL of its own is used', async () => {
    const authorizer = vi.fn(() => Promise.resolve(policyFor('*')))
    const { post } = await startRest({
      authorizer: { function: authorizer, identityValidationExpression: '.*', ttlSeconds: 0 },
    })

    await post()
    await post()

    expect(authorizer).toHaveBeenCalledTimes(2)
  })
})

describe('integration', () => {
  const malformed = 'the result is not that of a REST API proxy integration'

  it.each([
    ['throws', () => Promise.reject(new Error('secret detail')), 502, 'DEFAULT_5XX', 'function failed'],
    ['answers nonsense', () => Promise.resolve({ status: 200 }), 502, 'DEFAULT_5XX', malformed],
    ['takes too long', () => new Promise(() => undefined), 504, 'INTEGRATION_TIMEOUT', 'function timed out'],
  ])('a function that %s is refused in fixed words', async (_, implementation, status, responseType, reason) => {
    const { lambda, post, refusals } = await startRest({ integrationTimeoutMs: 50 })
    lambda.mockImplementation(implementation)

    const response = await post()
    const text = await response.text()

    expect(response.status).toBe(status)
    expect(JSON.parse(text)).toMatchObject({ type: responseType })
    expect(text).not.toContain('secret detail')
    expect(refusals).toMatchObject([{ responseType, reason }])
  })
})

describe('limits', () => {
  const others = ['local', 'close', 'Bearer a', '2'].join('').length

  it('header values of 10240 bytes pass and of 10241 are refused', async () => {
    const { api, lambda, refusals } = await startRest()
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
    const { events, post, refusals } = await startRest()
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
