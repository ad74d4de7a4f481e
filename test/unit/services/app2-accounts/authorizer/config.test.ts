import { describe, expect, it } from 'vitest'
import { readConfig, refuseIssuedBefore } from '#services/app2-accounts/authorizer/config.ts'

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
    const wrong = { MACHINE_AUTH_ACCEPTED: 'client-token', MACHINE_CLIENT_ID: 'machine1', REFUSE_ISSUED_BEFORE: 'soon' }

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

const parseCutOffs = (text: string): unknown => {
  const cutOffs = refuseIssuedBefore.parse(text)
  return cutOffs && Object.fromEntries(cutOffs)
}

describe('REFUSE_ISSUED_BEFORE', () => {
  it('gives the end of a second to a group or a scope', () => {
    expect(parseCutOffs('api-client=2026-01-31T12:00:00Z')).toEqual({ 'api-client': Date.UTC(2026, 0, 31, 12, 0, 1) })
    expect(parseCutOffs('app2/users.create=2024-02-29T23:59:59Z,service-user=1970-01-01T00:00:00Z')).toEqual({
      'app2/users.create': Date.UTC(2024, 2, 1),
      'service-user': 1_000,
    })
  })

  it('is empty when absent', () => {
    expect(refuseIssuedBefore.fallback).toEqual(new Map())
  })

  it.each([
    ['an unknown group', 'api-clients=2026-01-31T12:00:00Z'],
    ['another case', 'API-CLIENT=2026-01-31T12:00:00Z'],
    ['a name of no group', 'constructor=2026-01-31T12:00:00Z'],
    ['no name', '=2026-01-31T12:00:00Z'],
    ['no instant', 'api-client='],
    ['no equals sign', 'api-client'],
    ['a word before the name', 'x=api-client=2026-01-31T12:00:00Z'],
    ['a word after the instant', 'api-client=2026-01-31T12:00:00Zx'],
    ['a zone only by a local clock', 'api-client=2026-01-31T12:00:00.000'],
    ['milliseconds, though none', 'api-client=2026-01-31T12:00:00.000Z'],
    ['words for an instant', 'api-client=Sat, 31 Jan 2026 12:00:00 GMT'],
    ['a day without a time', 'api-client=2026-01-31'],
    ['no zone', 'api-client=2026-01-31T12:00:00'],
    ['another zone', 'api-client=2026-01-31T12:00:00+01:00'],
    ['a fraction, which iat has not', 'api-client=2026-01-31T12:00:00.500Z'],
    ['an impossible day', 'api-client=2026-02-30T12:00:00Z'],
    ['an impossible month', 'api-client=2026-13-01T12:00:00Z'],
    ['the hour 24', 'api-client=2026-01-31T24:00:00Z'],
    ['a name that is there twice', 'api-client=2026-01-31T12:00:00Z,api-client=2025-01-31T12:00:00Z'],
    ['an empty entry', 'api-client=2026-01-31T12:00:00Z,'],
    ['white space', 'api-client=2026-01-31T12:00:00Z, service-user=2026-01-31T12:00:00Z'],
    ['one bad entry beside a good one', 'api-client=2026-01-31T12:00:00Z,service-user=soon'],
  ])('with %s is refused', (_, text) => {
    expect(parseCutOffs(text)).toBeUndefined()
  })
})
