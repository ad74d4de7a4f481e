import { describe, expect, it } from 'vitest'
import { readAuthorizerCaller } from '#shared/http/authorizer-caller.ts'

const user = { sub: 's', client: 'service', token: 'user', groups: 'service-user', scopes: '' }
const machine = { sub: 'm', client: 'machine', token: 'machine', groups: '', scopes: 'app2/users.create' }

describe('the authorizer’s context', () => {
  it('is a user with groups', () => {
    expect(readAuthorizerCaller({ authorizer: { ...user, groups: 'other service-user' } })).toEqual({
      kind: 'user',
      sub: 's',
      client: 'service',
      groups: ['other', 'service-user'],
    })
  })

  it('is a machine with scopes', () => {
    expect(readAuthorizerCaller({ authorizer: { ...machine, principalId: 'm', integrationLatency: 7 } })).toEqual({
      kind: 'machine',
      sub: 'm',
      client: 'machine',
      scopes: ['app2/users.create'],
    })
  })

  it.each([
    { ...user, scopes: undefined },
    { ...machine, groups: undefined },
  ])('reads an absent value of the other kind as an empty one: %j', (authorizer) => {
    const whole = { groups: '', scopes: '', ...JSON.parse(JSON.stringify(authorizer)) } as unknown

    expect(readAuthorizerCaller({ authorizer })).toBeDefined()
    expect(readAuthorizerCaller({ authorizer })).toEqual(readAuthorizerCaller({ authorizer: whole }))
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
    expect(readAuthorizerCaller(requestContext)).toBeUndefined()
  })
})
