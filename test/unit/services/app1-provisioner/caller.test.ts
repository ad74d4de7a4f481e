import { describe, expect, it } from 'vitest'
import { decideCaller, requireCaller } from '#services/app1-provisioner/caller.ts'
import { createBaseApp } from '#shared/http/create-base-app.ts'
import { parseRoleArn } from '#shared/aws/role-arn.ts'
import { recordingLogger } from '#test/support/logger.ts'

const callers = [
  'arn:aws:iam::111111111111:role/orders',
  'arn:aws:iam::111111111111:role/team/sub-team/billing',
  'arn:aws-cn:iam::222222222222:role/orders',
].map((arn) => ({ role: parseRoleArn(arn) ?? expect.fail(arn), permissions: ['create', 'read'] as const }))

const decide = (userArn: unknown): unknown => decideCaller({ authorizer: { iam: { userArn } } }, callers, 'read')

describe('decideCaller', () => {
  it('lets in a session of a role on the list, and names the role, not the session', () => {
    expect(decide('arn:aws:sts::111111111111:assumed-role/orders/any-session')).toEqual({
      allowed: true,
      principal: 'arn:aws:iam::111111111111:role/orders',
    })
  })

  it.each(['write', 'delete'] as const)('does not let it in for %s, which its entry does not name', (permission) => {
    const userArn = 'arn:aws:sts::111111111111:assumed-role/orders/s'

    expect(decideCaller({ authorizer: { iam: { userArn } } }, callers, permission)).toEqual({
      allowed: false,
      reason: 'no_permission',
      principal: 'arn:aws:iam::111111111111:role/orders',
    })
  })

  it('knows a role with a path by its name, since a session does not show the path', () => {
    expect(decide('arn:aws:sts::111111111111:assumed-role/billing/s')).toEqual({
      allowed: true,
      principal: 'arn:aws:iam::111111111111:role/team/sub-team/billing',
    })
  })

  it.each([
    'arn:aws:sts::222222222222:assumed-role/orders/s',
    'arn:aws-cn:sts::111111111111:assumed-role/orders/s',
    'arn:aws:sts::111111111111:assumed-role/orders2/s',
    'arn:aws:sts::111111111111:assumed-role/Orders/s',
  ])('refuses %s: not on the list', (userArn) => {
    const withoutSession = userArn.replace(/\/s$/, '')
    expect(decide(userArn)).toEqual({ allowed: false, reason: 'not_on_the_list', principal: withoutSession })
  })

  it.each([
    ...['arn:aws:iam::111111111111:user/orders', 'arn:aws:iam::111111111111:root'],
    ...['arn:aws:iam::111111111111:role/orders', 'arn:aws:sts::111111111111:assumed-role/orders'],
    ...['arn:aws:sts::111111111111:assumed-role/x/orders/s', 'arn:aws:sts::111111111111:federated-user/orders', ''],
  ])('refuses %j: not a session of a role', (userArn) => {
    expect(decide(userArn)).toEqual({ allowed: false, reason: 'not_a_role', principal: userArn })
  })

  it.each([
    undefined,
    null,
    {},
    { authorizer: {} },
    { authorizer: { iam: {} } },
    { authorizer: { iam: { userArn: 1 } } },
  ])('refuses a request in which API Gateway names nobody (%j)', (requestContext) => {
    expect(decideCaller(requestContext, callers, 'create')).toEqual({
      allowed: false,
      reason: 'no_principal',
      principal: undefined,
    })
  })
})

describe('requireCaller', () => {
  const userArn = 'arn:aws:sts::111111111111:assumed-role/orders/s'

  /** What an app answers that has the gate on a route, and the line that it writes. */
  async function ask(method: string, path: string) {
    const logger = recordingLogger()
    const app = createBaseApp({ logger, now: Date.now })
    app.on(method, path, requireCaller(callers), (c) => c.json({ requestedBy: c.var.requestedBy }))
    const response = await app.request(path, { method }, { requestContext: { authorizer: { iam: { userArn } } } })
    return { status: response.status, body: await response.json(), line: logger.lines.at(-1) }
  }

  it('has the caller in the context of a route whose permission it has', async () => {
    expect(await ask('GET', '/service-users')).toMatchObject({
      status: 200,
      body: { requestedBy: 'arn:aws:iam::111111111111:role/orders' },
    })
  })

  it('refuses one without it, in a line that names who asked', async () => {
    expect(await ask('DELETE', '/service-users/{username}')).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
      line: {
        message: 'request refused',
        reason: 'no_permission',
        requested_by: 'arn:aws:iam::111111111111:role/orders',
      },
    })
  })

  it.each([
    ['GET', '/not-in-the-table'],
    ['POST', '/service-users'],
    ['POST', '/health'],
  ])('refuses %s %s, to which the table gives no permission', async (method, path) => {
    expect(await ask(method, path)).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
      line: { reason: 'access_table' },
    })
  })
})
