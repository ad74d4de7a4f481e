import { describe, expect, it } from 'vitest'
import { createIamReader, createAuthorizerReader } from '#shared/http/gateway-callers.ts'

const user = { sub: 's', client: 'service', token: 'user', groups: 'service-user', scopes: '' }
const machine = { sub: 'm', client: 'machine', token: 'machine', groups: '', scopes: 'app2/users.create' }

describe('the authorizer’s context', () => {
  it('is a user with groups', () => {
    expect(createAuthorizerReader([])({ authorizer: { ...user, groups: 'other service-user' } })).toEqual({
      kind: 'user',
      sub: 's',
      client: 'service',
      groups: ['other', 'service-user'],
    })
  })

  it('is a machine with scopes', () => {
    expect(createAuthorizerReader([])({ authorizer: { ...machine, principalId: 'm', integrationLatency: 7 } })).toEqual(
      {
        kind: 'machine',
        sub: 'm',
        client: 'machine',
        scopes: ['app2/users.create'],
      },
    )
  })

  it('is a role of App1 that this function knows, by its ARN to the letter', () => {
    const read = createAuthorizerReader([app1Role])
    const principal = { sub: roleArn, token: 'principal' }
    const whole = { kind: 'principal', principal: 'provisioner', sub: roleArn }

    expect(read({ authorizer: principal })).toEqual(whole)
    expect(read({ authorizer: { ...principal, body_sha256: 'd', provisioning_id: 'p' } })).toEqual({
      ...whole,
      boundTo: { bodySha256: 'd', provisioningId: 'p' },
    })
    for (const authorizer of [
      { ...principal, sub: jobsArn },
      { ...principal, sub: `${roleArn}2` },
      { ...principal, body_sha256: 'd' },
      { ...principal, provisioning_id: 'p' },
      { ...principal, token: 'Principal' },
    ])
      expect(read({ authorizer })).toBeUndefined()
    expect(createAuthorizerReader([])({ authorizer: principal })).toBeUndefined()
  })

  it.each([
    { ...user, scopes: undefined },
    { ...machine, groups: undefined },
  ])('reads an absent value of the other kind as an empty one: %j', (authorizer) => {
    const whole = { groups: '', scopes: '', ...JSON.parse(JSON.stringify(authorizer)) } as unknown

    expect(createAuthorizerReader([])({ authorizer })).toBeDefined()
    expect(createAuthorizerReader([])({ authorizer })).toEqual(createAuthorizerReader([])({ authorizer: whole }))
  })

  it.each([
    undefined,
    null,
    {},
    { authorizer: null },
    { authorizer: [] },
    { authorizer: { ...user, sub: '' } },
    { authorizer: { ...user, sub: undefined } },
    { authorizer: { ...user, client: 'other' } },
    { authorizer: { ...user, token: undefined } },
    { authorizer: { ...user, token: 'User' } },
    { authorizer: { ...user, groups: ['service-user'] } },
    { authorizer: { ...user, groups: undefined } },
    { authorizer: { ...user, scopes: null } },
    { authorizer: { ...user, groups: undefined, scopes: undefined } },
    { authorizer: { ...machine, groups: null } },
    { authorizer: { ...machine, groups: undefined, scopes: undefined } },
    { authorizer: { ...user, scopes: 'app2/sample.call' } },
    { authorizer: { ...machine, groups: 'api-client' } },
    { authorizer: { ...machine, scopes: undefined } },
    { authorizer: { lambda: user } },
    { authorizer: { claims: machine } },
    { identity: { userArn: 'arn:aws:sts::111111111111:assumed-role/app1/s' } },
  ])('that is not whole (%j) is nobody', (requestContext) => {
    expect(createAuthorizerReader([])(requestContext)).toBeUndefined()
  })
})

const roleArn = 'arn:aws:iam::111111111111:role/latchkey/app1-role'
const app1Role = { arn: roleArn, partition: 'aws', accountId: '111111111111', roleName: 'app1-role' }
const jobsArn = 'arn:aws:iam::111111111111:role/jobs-role'
const readIam = createIamReader([app1Role])
const readBoth = createIamReader([app1Role, { ...app1Role, arn: jobsArn, roleName: 'jobs-role' }])
const callerOf = (userArn: unknown): unknown => readIam({ identity: { userArn } })

describe('the verified principal', () => {
  it('is App1 for any session of its role, and is named by the role', () => {
    const app1 = { kind: 'principal', principal: 'provisioner', sub: roleArn }

    expect(callerOf('arn:aws:sts::111111111111:assumed-role/app1-role/app1-provisioner')).toEqual(app1)
    expect(callerOf('arn:aws:sts::111111111111:assumed-role/app1-role/another')).toEqual(app1)
  })

  it('is App1 for each of its roles, and is named by the one that it is of', () => {
    const subOf = (role: string): unknown => {
      const userArn = `arn:aws:sts::111111111111:assumed-role/${role}/s`
      return readBoth({ identity: { userArn } })
    }

    expect(subOf('app1-role')).toMatchObject({ principal: 'provisioner', sub: roleArn })
    expect(subOf('jobs-role')).toMatchObject({ principal: 'provisioner', sub: jobsArn })
    expect(subOf('app1-role,jobs-role')).toBeUndefined()
    expect(callerOf('arn:aws:sts::111111111111:assumed-role/jobs-role/s')).toBeUndefined()
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
    expect(readIam(requestContext)).toBeUndefined()
  })
})
