import { describe, expect, it } from 'vitest'
import { decideCaller } from '#services/app1-provisioner/caller.ts'
import { parseRoleArn } from '#shared/aws/role-arn.ts'

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
    expect(decideCaller(requestContext, callers, 'create')).toEqual({ allowed: false, reason: 'no_principal' })
  })
})
