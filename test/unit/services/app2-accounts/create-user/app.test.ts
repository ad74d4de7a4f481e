import { describe, expect, it } from 'vitest'
import { createApp } from '#services/app2-accounts/create-user/app.ts'
import { createAuthorizerReader } from '#shared/http/gateway-callers.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { fakeDirectory } from '#test/support/fake-directory.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { createdUserBody, createUserRequestBody, goodPassword } from '#test/support/requests.ts'

const machine = { authorizer: { sub: 'm', client: 'machine', token: 'user', groups: 'api-client', scopes: '' } }
const service = { authorizer: { sub: 's', client: 'service', token: 'user', groups: 'service-user', scopes: '' } }

function setUp() {
  const logger = recordingLogger()
  let opened = 0
  const app = createApp({
    now: () => Date.UTC(2026, 0, 1),
    logger,
    readCaller: createAuthorizerReader([]),
    opener: { open: () => Promise.resolve(new SecretValue(++opened > 0 ? goodPassword : '')) },
    directory: fakeDirectory(() => Date.UTC(2026, 0, 1)),
    delivery: undefined,
    admission: { take: () => ({ taken: true }) },
    sleep: () => Promise.resolve(),
  })
  const post = async (body: unknown, requestContext: unknown, headers: Record<string, string> = {}) => {
    const init = {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json', ...headers },
    }
    const response = await app.request('/admin/create-user', init, { requestContext })
    return { status: response.status, body: await response.json() }
  }
  return { logger, opened: () => opened, post }
}

describe('POST /admin/create-user', () => {
  it('creates the user for the machine, and the log says who asked for whom', async () => {
    const { logger, post } = setUp()

    expect(await post(createUserRequestBody(), machine)).toEqual({ status: 201, body: createdUserBody() })
    const { provisioning_id, requested_by, human_user_id } = createUserRequestBody()
    expect(logger.lines).toEqual([
      expect.objectContaining({
        sub: 'sub-1',
        provisioning_id,
        requested_by,
        human_user_id,
        client: 'machine',
        caller_kind: 'user',
      }),
    ])
  })

  it.each([
    [service, 403, 'forbidden'],
    [undefined, 401, 'unauthorized'],
  ])('for the caller %j opens nothing and answers %i', async (requestContext, status, code) => {
    const { opened, post } = setUp()

    expect(await post(createUserRequestBody(), requestContext)).toMatchObject({ status, body: { code } })
    expect(opened()).toBe(0)
  })

  it('with a malformed body opens nothing', async () => {
    const { opened, post } = setUp()

    expect(await post({ ...createUserRequestBody(), provisioning_id: 'x' }, machine)).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', errors: [{ pointer: '/provisioning_id' }] },
    })
    expect(opened()).toBe(0)
  })
})
