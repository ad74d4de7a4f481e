import { describe, expect, it } from 'vitest'
import { readConfig } from '#services/app2-accounts/sample/config.ts'

describe('the configuration of sample', () => {
  it('needs nothing where our authorizer stands in front', () => {
    expect(readConfig({})).toEqual({ access: { from: 'authorizer' } })
  })

  it('is the source of who calls', () => {
    const environment = { ACCESS_FROM: 'claims', USER_POOL_ID: 'eu-west-1_abc', SERVICE_SCOPE_CLIENT_ID: 'service2' }

    expect(readConfig(environment)).toEqual({
      access: {
        from: 'claims',
        issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc',
        clients: new Map([['service2', 'service']]),
      },
    })
  })

  it('is refused where a source is chosen without what it needs', () => {
    expect(() => readConfig({ ACCESS_FROM: 'iam' })).toThrow('Configuration refused: PROVISIONER_ROLE_ARNS is missing')
  })
})
