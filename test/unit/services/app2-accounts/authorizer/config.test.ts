import { describe, expect, it } from 'vitest'
import { readConfig } from '#services/app2-accounts/authorizer/config.ts'

const environment = {
  USER_POOL_ID: 'eu-west-1_AbCdEf123',
  MACHINE_CLIENT_ID: 'machine1',
  SERVICE_CLIENT_ID: 'service1',
}
const awsJwks = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123/.well-known/jwks.json'

describe('readConfig', () => {
  it('derives issuer and JWKS address from the pool id', () => {
    expect(readConfig(environment)).toEqual({
      issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123',
      jwksUri: awsJwks,
      rules: {
        clients: new Map([
          ['machine1', { client: 'machine', token: 'user' }],
          ['service1', { client: 'service', token: 'user' }],
        ]),
        refuseIssuedBefore: new Map(),
      },
    })
  })

  it.each([
    [{ AWS_ENDPOINT_URL: 'http://127.0.0.1:4566' }, 'http://127.0.0.1:4566/eu-west-1_AbCdEf123'],
    [{ AWS_ENDPOINT_URL: 'http://127.0.0.1:4566/' }, 'http://127.0.0.1:4566/eu-west-1_AbCdEf123'],
    [{ AWS_ENDPOINT_URL: 'http://localhost:1/' }, 'http://localhost:1/eu-west-1_AbCdEf123'],
    [
      { AWS_ENDPOINT_URL: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: 'http://127.0.0.1:2' },
      'http://127.0.0.1:2/eu-west-1_AbCdEf123',
    ],
  ])('with %j fetches the keys there and keeps the issuer of AWS', (endpoints, base) => {
    const config = readConfig({ ...environment, ...endpoints })

    expect(config.jwksUri).toBe(`${base}/.well-known/jwks.json`)
    expect(config.issuer).toBe('https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123')
  })

  it('an empty endpoint is none', () => {
    expect(readConfig({ ...environment, AWS_ENDPOINT_URL: '' }).jwksUri).toBe(awsJwks)
  })

  it.each([
    ['http://example.com', 'AWS_ENDPOINT_URL is not a loopback or AWS endpoint'],
    ['https://amazonaws.com.example.com', 'AWS_ENDPOINT_URL is not a loopback or AWS endpoint'],
    ['nonsense', 'AWS_ENDPOINT_URL is not valid'],
  ])('refuses the endpoint %s', (url, problem) => {
    expect(() => readConfig({ ...environment, AWS_ENDPOINT_URL: url })).toThrow(problem)
  })

  it('lists everything that is missing at once', () => {
    expect(() => readConfig({})).toThrow(
      'Configuration refused: USER_POOL_ID is missing; MACHINE_CLIENT_ID is missing; SERVICE_CLIENT_ID is missing',
    )
  })

  it('lists what is missing for the mode, what is out of place and what is not valid, at once', () => {
    const wrong = {
      MACHINE_AUTH_ACCEPTED: 'client-token',
      MACHINE_CLIENT_ID: 'machine1',
      REFUSE_ISSUED_BEFORE: 'soon',
    }

    expect(() => readConfig(wrong)).toThrow(
      'Configuration refused: USER_POOL_ID is missing; REFUSE_ISSUED_BEFORE is not valid; ' +
        'MACHINE_CLIENT_ID is set, but no mode of MACHINE_AUTH_ACCEPTED uses it; SERVICE_CLIENT_ID is missing; ' +
        'MACHINE_SCOPE_CLIENT_ID is missing',
    )
  })

  it('reads from when on tokens count', () => {
    const { rules } = readConfig({ ...environment, REFUSE_ISSUED_BEFORE: 'api-client=2026-01-31T12:00:00Z' })

    expect(rules.refuseIssuedBefore).toEqual(new Map([['api-client', Date.UTC(2026, 0, 31, 12, 0, 1)]]))
  })
})
