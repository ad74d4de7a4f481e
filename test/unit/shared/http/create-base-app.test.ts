import { describe, expect, it } from 'vitest'
import { ServiceError } from '#shared/errors.ts'
import { createBaseApp } from '#shared/http/create-base-app.ts'
import { readJsonBody } from '#shared/http/read-json-body.ts'
import { lambdaContext } from '#test/support/events.ts'
import { recordingLogger } from '#test/support/logger.ts'

function testApp(): { app: ReturnType<typeof createBaseApp>; logger: ReturnType<typeof recordingLogger> } {
  const logger = recordingLogger()
  const app = createBaseApp({ logger, now: () => 0 })
  app.post('/echo', async (c) => c.json(await readJsonBody(c)))
  app.post('/budget', (c) => c.json(c.var.deadline.remainingMs()))
  app.post('/crash', () => {
    throw new TypeError('canary')
  })
  app.post('/refuse', () => {
    throw new ServiceError('user_exists', { reason: 'r' })
  })
  return { app, logger }
}

const post = async (
  path: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = { 'content-type': 'application/json' },
): Promise<Response> => testApp().app.request(path, { method: 'POST', body, headers }, {})

describe('every app', () => {
  it('answers /health with a constant', async () => {
    const response = await testApp().app.request('/health', {}, {})

    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'ok' })
    expect(response.headers.get('cache-control')).toBe('no-store')
  })

  it('sends no CORS headers', async () => {
    const response = await testApp().app.request('/health', { headers: { origin: 'https://example.com' } }, {})

    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  it('answers an unknown route with a problem document', async () => {
    const response = await testApp().app.request('/nowhere', {}, {})

    expect(response.status).toBe(404)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
  })

  it('turns a crash into internal_error and logs its name alone', async () => {
    const { app, logger } = testApp()

    const response = await app.request('/crash', { method: 'POST' }, {})

    expect(response.status).toBe(500)
    expect(await response.text()).not.toContain('canary')
    expect(logger.lines).toEqual([
      expect.objectContaining({
        level: 'error',
        code: 'internal_error',
        error_name: 'TypeError',
        route: 'POST /crash',
      }),
    ])
    expect(JSON.stringify(logger.lines)).not.toContain('canary')
  })

  it('logs with a failure how long each step took that was begun', async () => {
    const logger = recordingLogger()
    const app = createBaseApp({ logger, now: () => 0 })
    app.post('/fail', async (c) => {
      await c.var.timer.time('open_ms', () => Promise.resolve())
      await c.var.timer.time('create_ms', () => Promise.reject(new ServiceError('upstream_error')))
      return c.text('never')
    })

    await app.request('/fail', { method: 'POST' }, {})

    expect(logger.lines).toEqual([
      expect.objectContaining({ message: 'request failed', code: 'upstream_error', open_ms: 0, create_ms: 0 }),
    ])
  })

  it('logs a refusal as information, with its reason', async () => {
    const { app, logger } = testApp()

    await app.request('/refuse', { method: 'POST' }, {})

    expect(logger.lines).toEqual([expect.objectContaining({ level: 'info', code: 'user_exists', reason: 'r' })])
  })

  it.each([
    [29_000, 28_000],
    [28_501, 28_000],
    [10_000, 9_500],
    [400, 0],
  ])('with %i ms of the function left, a request has %i ms', async (left, budget) => {
    const response = await testApp().app.request('/budget', { method: 'POST' }, { lambdaContext: lambdaContext(left) })

    expect(await response.json()).toBe(budget)
  })
})

describe('a request body', () => {
  it.each(['{"a":1}', 'null', '[]', '"é"'])('%s is read as JSON', async (text) => {
    expect(await (await post('/echo', text)).text()).toBe(text)
  })

  it.each(['', '{', '{"a":1}x', 'NaN', '\ufeff{}x'])('%j is refused as invalid_request', async (text) => {
    const response = await post('/echo', text)

    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      code: 'invalid_request',
      errors: [{ pointer: '', detail: 'must be JSON in UTF-8' }],
    })
  })

  it.each([
    [16_384, 200],
    [16_385, 413],
  ])('of %i bytes gets %i', async (size, status) => {
    const response = await post('/echo', JSON.stringify('x'.repeat(size - 2)))

    expect(response.status).toBe(status)
    if (status === 413) expect(await response.json()).toMatchObject({ code: 'payload_too_large' })
  })

  it('sent without a content type is refused', async () => {
    const body = new Uint8Array([0x31])

    expect((await testApp().app.request('/echo', { method: 'POST', body }, {})).status).toBe(415)
  })
})
