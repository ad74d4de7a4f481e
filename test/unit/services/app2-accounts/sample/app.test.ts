import { describe, expect, it } from 'vitest'
import { createApp } from '#services/app2-accounts/sample/app.ts'
import { createAuthorizerReader } from '#shared/http/gateway-callers.ts'
import { recordingLogger } from '#test/support/logger.ts'

const service = {
  authorizer: { sub: 'service-sub', client: 'service', token: 'user', groups: 'service-user', scopes: '' },
}
const machine = { authorizer: { sub: 'm', client: 'machine', token: 'user', groups: 'api-client', scopes: '' } }
const body = { data: { request_id: 'r-1', payload: { canary: true } } }

async function post(requestContext: unknown, sent: unknown = body) {
  const logger = recordingLogger()
  const app = createApp({ now: () => Date.UTC(2026, 0, 1), logger, readCaller: createAuthorizerReader([]) })
  const init = { method: 'POST', body: JSON.stringify(sent), headers: { 'content-type': 'application/json' } }
  const response = await app.request('/sample', init, { requestContext })
  return { status: response.status, body: await response.json(), log: JSON.stringify(logger.lines) }
}

describe('POST /sample', () => {
  it('serves a service user, and logs its sub but not its payload', async () => {
    const answer = await post(service)

    expect(answer).toMatchObject({
      status: 200,
      body: {
        message: 'Processed',
        request_id: 'r-1',
        processed_by: 'service-sub',
        processed_at: '2026-01-01T00:00:00.000Z',
      },
    })
    expect(answer.log).toContain('service-sub')
    expect(answer.log).not.toContain('canary')
  })

  it.each([
    [machine, 403, 'forbidden'],
    [{}, 401, 'unauthorized'],
  ])('for the caller %j is refused with %i', async (requestContext, status, code) => {
    expect(await post(requestContext)).toMatchObject({ status, body: { code } })
  })

  it('with a malformed body is refused', async () => {
    expect(await post(service, { data: {} })).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
  })
})
