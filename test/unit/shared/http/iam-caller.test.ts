import { describe, expect, it } from 'vitest'
import { createIamReader } from '#shared/http/iam-caller.ts'

const roleArn = 'arn:aws:iam::111111111111:role/latchkey/app1-role'
const read = createIamReader({
  arn: roleArn,
  partition: 'aws',
  accountId: '111111111111',
  roleName: 'app1-role',
})
const callerOf = (userArn: unknown): unknown => read({ identity: { userArn } })

describe('the verified principal', () => {
  it('is App1 for any session of its role, and is named by the role', () => {
    const app1 = { kind: 'principal', principal: 'provisioner', sub: roleArn }

    expect(callerOf('arn:aws:sts::111111111111:assumed-role/app1-role/app1-provisioner')).toEqual(app1)
    expect(callerOf('arn:aws:sts::111111111111:assumed-role/app1-role/another')).toEqual(app1)
  })

  it.each([
    'arn:aws:sts::111111111112:assumed-role/app1-role/s',
    'arn:aws-cn:sts::111111111111:assumed-role/app1-role/s',
    'arn:aws:sts::111111111111:assumed-role/App1-role/s',
    'arn:aws:sts::111111111111:assumed-role/app1-role2/s',
    'arn:aws:sts::111111111111:assumed-role/latchkey/app1-role/s',
    'arn:aws:sts::111111111111:assumed-role/app1-role',
    roleArn,
    'arn:aws:iam::111111111111:user/app1-role',
    'arn:aws:iam::111111111111:root',
    'arn:aws:sts::111111111111:federated-user/app1-role',
    '*',
    '',
    null,
    undefined,
    ['arn:aws:sts::111111111111:assumed-role/app1-role/s'],
  ])('%j is nobody', (userArn) => {
    expect(callerOf(userArn)).toBeUndefined()
  })

  const userArn = 'arn:aws:sts::111111111111:assumed-role/app1-role/s'
  it.each([
    undefined,
    null,
    {},
    { identity: null },
    { userArn },
    { authorizer: { iam: { userArn } } },
    { identity: { caller: userArn, user: userArn } },
    { authorizer: { sub: 'm', client: 'machine', token: 'user', groups: 'api-client', scopes: '' } },
  ])('elsewhere, or none (%j), is nobody', (requestContext) => {
    expect(read(requestContext)).toBeUndefined()
  })
})
