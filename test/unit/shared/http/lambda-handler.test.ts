import { describe, expect, it, vi } from 'vitest'
import { createBaseApp } from '#shared/http/create-base-app.ts'
import { createLambdaHandler, requestIdOf, warmUp, type LambdaHandler } from '#shared/http/lambda-handler.ts'
import { readJsonBody } from '#shared/http/read-json-body.ts'
import { httpEvent, lambdaContext, restEvent } from '#test/support/events.ts'
import { recordingLogger } from '#test/support/logger.ts'

const logger = recordingLogger()

function echoHandler(): LambdaHandler {
  const app = createBaseApp({ logger, now: Date.now })
  app.post('/sample', async (c) => c.json({ body: await readJsonBody(c), headers: c.req.header() }))
  app.post('/crash', () => {
    throw new Error('canary')
  })
  return createLambdaHandler(app, logger)
}

const call = async (event: unknown): Promise<{ status: number; body: unknown }> => {
  const { statusCode, body } = await echoHandler()(event as Parameters<LambdaHandler>[0], lambdaContext())
  return { status: statusCode, body: JSON.parse(body) as unknown }
}

const refusedOnce = (name: string): object => ({
  status: 400,
  body: {
    code: 'invalid_request',
    errors: [{ header: name.toLowerCase(), detail: 'must be sent once, with one value' }],
  },
})

describe('a Lambda handler', () => {
  it('takes a REST API event by the resource that API Gateway matched', async () => {
    expect(await call(restEvent({ body: '{"a":1}' }))).toMatchObject({ status: 200, body: { body: { a: 1 } } })
  })

  it('takes an HTTP API event by its route key', async () => {
    const event = httpEvent({ routeKey: 'POST /sample', body: '{"a":1}' })

    expect(await call(event)).toMatchObject({ status: 200, body: { body: { a: 1 } } })
  })

  it('takes a body that API Gateway sends as base64', async () => {
    const event = restEvent({ body: Buffer.from('{"a":"é"}').toString('base64'), isBase64Encoded: true })

    expect(await call(event)).toMatchObject({ status: 200, body: { body: { a: 'é' } } })
  })

  it('passes on the headers that the apps read, whatever their case, and no others', async () => {
    const headers = {
      'CONTENT-type': 'application/json',
      'Idempotency-KEY': 'k',
      Authorization: 'canary',
      'X-Forwarded-For': 'x',
    }

    const { body } = await call(restEvent({ body: '1', headers }))

    expect(body).toMatchObject({
      headers: { 'content-type': 'application/json', 'content-length': '1', 'idempotency-key': 'k' },
    })
    expect(JSON.stringify(body)).not.toMatch(/canary|forwarded/i)
  })

  const json = { 'Content-Type': 'application/json' }

  it.each([
    ['Idempotency-Key', ['a', 'a']],
    ['Idempotency-Key', ['a', '']],
    ['Content-Type', ['application/json', 'application/json']],
    ['Content-Encoding', ['identity', 'identity']],
    ['X-Latchkey-Request-Id', ['a', 'b']],
  ])('refuses %s that a REST API hands over twice, as %j', async (name, values) => {
    const multiValueHeaders = { 'Content-Type': ['application/json'], [name]: values }

    expect(await call(restEvent({ body: '1', multiValueHeaders }))).toMatchObject(refusedOnce(name))
  })

  it.each([
    ['Idempotency-Key', 'a,a'],
    ['Idempotency-Key', 'a, b'],
    ['Idempotency-Key', ','],
    ['Idempotency-Key', '"a","a"'],
    ['Content-Type', 'application/json,application/json'],
    ['Content-Type', 'application/json; a="b", text/plain'],
    ['Content-Type', String.raw`application/json; a="\"",text/plain`],
    ['X-Latchkey-Request-Id', 'a,b'],
  ])('refuses %s that an HTTP API joined, or may have: %s', async (name, value) => {
    const headers = { ...json, [name]: value }

    const answer = await call(httpEvent({ routeKey: 'POST /sample', body: '1', headers }))

    expect(answer).toMatchObject(refusedOnce(name))
  })

  it('refuses a header that was sent twice, in another case', async () => {
    const headers = { ...json, 'Idempotency-Key': 'a', 'idempotency-key': 'a' }

    expect(await call(restEvent({ body: '1', headers }))).toMatchObject(refusedOnce('idempotency-key'))
  })

  it('a header that nobody reads may be sent twice', async () => {
    const multiValueHeaders = { 'Content-Type': ['application/json'], Accept: ['a', 'b, c'] }

    expect(await call(restEvent({ body: '1', multiValueHeaders }))).toMatchObject({ status: 200 })
  })

  it('tells a comma in one quoted value from two values, and reads on for ever in none', async () => {
    const headers = (value: string) => ({ ...json, 'Idempotency-Key': value })
    const statuses = ['"a,b"', String.raw`"a\",b"`, '"a,b', `${'"a"'.repeat(3_000)},`, 'a'.repeat(9_000)].map(
      async (value) => (await call(restEvent({ body: '1', headers: headers(value) }))).status,
    )

    expect(await Promise.all(statuses)).toEqual([200, 200, 200, 400, 200])
  })

  it.each(['k\u00e9', 'k\u0000', 'k\r\nx: y', 'k\u007f'])(
    'refuses the header value %j and prints nothing',
    async (value) => {
      const printed = vi.spyOn(console, 'error').mockImplementation(() => undefined)

      const answer = await call(
        restEvent({ body: '1', headers: { 'Content-Type': 'application/json', 'Idempotency-Key': value } }),
      )

      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'invalid_request', errors: [{ header: 'idempotency-key', detail: 'must be ASCII' }] },
      })
      expect(printed).not.toHaveBeenCalled()
    },
  )

  it('refuses a header that is there and empty, which the adapter would drop', async () => {
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': '' }

    expect(await call(restEvent({ body: '1', headers }))).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ header: 'idempotency-key', detail: 'must not be empty' }] },
    })
  })

  it('a control character in a header that nobody reads does no harm', async () => {
    const headers = { 'Content-Type': 'application/json', 'X-Odd': 'a\u0001b' }

    expect(await call(restEvent({ body: '1', headers }))).toMatchObject({ status: 200 })
  })

  it('a GET with a body is answered as one without', async () => {
    expect(await call(restEvent({ method: 'GET', resource: '/health', body: 'x' }))).toEqual({
      status: 200,
      body: { status: 'ok' },
    })
  })

  it.each([
    ['TRACE', '/sample'],
    ['HEAD', '/health'],
    ['OPTIONS', '/sample'],
    ['GET', '/sample'],
    ['POST', '/health'],
    ['POST', '/{proxy+}'],
    ['POST', '/x/../sample'],
    ['POST', '/*'],
    ['ALL', '/*'],
  ])('%s of the resource %s is a problem document with 404', async (method, resource) => {
    expect(await call(restEvent({ method, resource, body: '{}' }))).toMatchObject({
      status: 404,
      body: { code: 'not_found', request_id: 'lambda-request-id' },
    })
  })

  it('the path that the client wrote decides nothing', async () => {
    expect(await call(restEvent({ resource: '/other', path: '/sample', body: '{}' }))).toMatchObject({ status: 404 })
  })

  it('of an HTTP API the route key counts, whatever path and method stand beside it', async () => {
    const event = httpEvent({ routeKey: 'POST /sample', rawPath: '/crash', body: '{}' })
    const otherwise = { ...event.requestContext, http: { method: 'DELETE', path: '/crash' } }

    expect(await call(event)).toMatchObject({ status: 200 })
    expect(await call({ ...event, requestContext: otherwise })).toMatchObject({ status: 200 })
  })

  it('an event that is not from API Gateway is refused as an unknown route', async () => {
    expect(await call({})).toMatchObject({ status: 404, body: { request_id: 'lambda-request-id' } })
  })

  it('what is refused before the app is logged as well', async () => {
    logger.lines.length = 0

    await call(restEvent({ resource: '/nowhere' }))
    await call(null)

    expect(logger.lines).toEqual([
      expect.objectContaining({ level: 'info', code: 'not_found', request_id: 'lambda-request-id' }),
      expect.objectContaining({ level: 'error', code: 'internal_error', error_name: 'TypeError' }),
    ])
  })

  it('an event that is malformed beyond reading is an internal error in our form', async () => {
    expect(await call(null)).toMatchObject({ status: 500, body: { code: 'internal_error' } })
  })

  it('takes an event whose headers are absent', async () => {
    const event = { ...restEvent({ body: '{}' }), headers: null, multiValueHeaders: null }

    expect(await call(event)).toMatchObject({ status: 415 })
  })
})

describe('requestIdOf', () => {
  it('is Lambda’s, which no client can choose, else a new one', () => {
    expect(requestIdOf(lambdaContext())).toBe('lambda-request-id')
    expect(requestIdOf(undefined)).toMatch(/^[0-9a-f-]{36}$/)
  })
})

describe('warming up', () => {
  it('is one health request, answered by the app and not logged', async () => {
    const quiet = recordingLogger()
    const handler = vi.fn(createLambdaHandler(createBaseApp({ logger: quiet, now: Date.now }), quiet))

    await warmUp(handler)

    expect(await handler.mock.results[0]?.value).toMatchObject({ statusCode: 200, body: '{"status":"ok"}' })
    expect(quiet.lines).toEqual([])
  })

  it('that fails fails nothing', async () => {
    await expect(warmUp(() => Promise.reject(new Error('bug')))).resolves.toBeUndefined()
  })
})
