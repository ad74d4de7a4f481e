import { describe, expect, it } from 'vitest'
import { createBaseApp } from '#shared/http/create-base-app.ts'
import { createLambdaHandler } from '#shared/http/lambda-handler.ts'
import { httpEvent, lambdaContext } from '#test/support/events.ts'
import { recordingLogger } from '#test/support/logger.ts'

function setUp() {
  const logger = recordingLogger()
  const app = createBaseApp({ logger, now: Date.now })
  app.all('*', (c) =>
    c.json({ token: c.var.unverifiedHumanToken?.expose(), shown: c.var.unverifiedHumanToken ?? null }),
  )
  app.post('/create-service-user', (c) =>
    c.json({ token: c.var.unverifiedHumanToken?.expose(), shown: c.var.unverifiedHumanToken ?? null }),
  )
  const ask = (path: string, headers: Record<string, string>, method = 'POST') =>
    Promise.resolve(app.request(path, { method, headers }, {})).then((response) => response.json())
  return { ask, app, logger }
}

describe('the header X-Human-Token', () => {
  it.each(['/create-service-user', '/admin/create-user'])('is taken by POST %s, as a secret', async (path) => {
    const { ask } = setUp()

    expect(await ask(path, { 'X-Human-Token': 'a.b.c' })).toEqual({ token: 'a.b.c', shown: '[redacted]' })
    expect(await ask(path, {})).toEqual({ shown: null })
  })

  it.each([
    ['GET', '/create-service-user'],
    ['POST', '/create-service-user/'],
    ['GET', '/service-users'],
    ['POST', '/admin/users/delete'],
    ['POST', '/sample'],
  ])('is refused by %s %s, where it would count for nothing', async (method, path) => {
    const { ask, logger } = setUp()

    expect(await ask(path, { 'x-human-token': 'token-canary' }, method)).toMatchObject({
      code: 'invalid_request',
      errors: [{ header: 'x-human-token', detail: 'is not taken here' }],
    })
    expect(await ask(path, {}, method)).toEqual({ shown: null })
    expect(JSON.stringify(logger.lines)).not.toContain('token-canary')
  })

  it('reaches an app from API Gateway, once and with one value', async () => {
    const { app, logger } = setUp()
    const handler = createLambdaHandler(app, logger)
    const answer = async (value: string) => {
      const headers = { 'X-HUMAN-Token': value, 'content-type': 'application/json' }
      const event = httpEvent({ headers, body: '{}' })
      return JSON.parse((await handler(event, lambdaContext())).body) as unknown
    }

    expect(await answer('a.b.c')).toMatchObject({ token: 'a.b.c' })
    for (const value of ['a.b.c,d.e.f', '', 'a.b.ü']) {
      expect(await answer(value)).toMatchObject({ code: 'invalid_request', errors: [{ header: 'x-human-token' }] })
    }
  })
})
