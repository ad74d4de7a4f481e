import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createApp } from '#services/app2-accounts/create-user/app.ts'
import { createAuthorizerReader } from '#shared/http/gateway-callers.ts'
import { SecretValue } from '#shared/text/secret-value.ts'
import { fakeDirectory } from '#test/support/fake-directory.ts'
import { recordingLogger } from '#test/support/logger.ts'
import { createdUserBody, createUserRequestBody, goodPassword } from '#test/support/requests.ts'

const machine = { authorizer: { sub: 'm', client: 'machine', token: 'user', groups: 'api-client', scopes: '' } }
const service = { authorizer: { sub: 's', client: 'service', token: 'user', groups: 'service-user', scopes: '' } }

const roleArn = 'arn:aws:iam::123456789012:role/app1'
const role = { arn: roleArn, partition: 'aws', accountId: '123456789012', roleName: 'app1' }
/** A role whose token is bound to that body and id, or to nothing. */
const principal = (bound: { readonly body?: unknown; readonly id?: string } = {}) => ({
  authorizer: {
    sub: roleArn,
    token: 'principal',
    ...(bound.id !== undefined && {
      body_sha256: createHash('sha256').update(JSON.stringify(bound.body)).digest('base64url'),
      provisioning_id: bound.id,
    }),
  },
})

function setUp(options: { readonly bindsCreations?: boolean } = {}) {
  const logger = recordingLogger()
  let opened = 0
  const app = createApp({
    now: () => Date.UTC(2026, 0, 1),
    logger,
    readCaller: createAuthorizerReader([role]),
    ...options,
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

  it.each([undefined, true])(
    'creates for a role by a token that is bound to this very body (demanded: %j)',
    async (bindsCreations) => {
      const { post } = setUp(bindsCreations === undefined ? {} : { bindsCreations })
      const body = createUserRequestBody()

      expect(await post(body, principal({ body, id: body.provisioning_id }))).toMatchObject({ status: 201 })
    },
  )

  it('refuses a token that is bound to another body or id before anything is opened', async () => {
    const { logger, opened, post } = setUp()
    const body = createUserRequestBody()
    const others = [
      principal({ body: { ...body, username: 'another' }, id: body.provisioning_id }),
      principal({ body, id: body.provisioning_id.replace(/.$/, '_') }),
    ]

    for (const other of others) expect(await post(body, other)).toMatchObject({ status: 403 })

    expect(opened()).toBe(0)
    expect(logger.lines).toEqual(
      others.map((): unknown => expect.objectContaining({ reason: 'token_of_another_request' })),
    )
  })

  it('refuses a role’s token that is bound to nothing only where each creation has its own', async () => {
    const { logger, post } = setUp({ bindsCreations: true })

    expect(await post(createUserRequestBody(), principal())).toMatchObject({ status: 403 })
    expect(logger.lines).toEqual([expect.objectContaining({ reason: 'token_not_bound' })])
    // One of the pool has nothing to be bound by.
    expect(await post(createUserRequestBody(), machine)).toMatchObject({ status: 201 })
    expect(await setUp().post(createUserRequestBody(), principal())).toMatchObject({ status: 201 })
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
