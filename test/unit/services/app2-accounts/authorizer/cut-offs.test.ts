import { describe, expect, it } from 'vitest'
import { refuseIssuedBefore } from '#services/app2-accounts/authorizer/cut-offs.ts'

const parse = (text: string): unknown => {
  const cutOffs = refuseIssuedBefore.parse(text)
  return cutOffs && Object.fromEntries(cutOffs)
}

describe('REFUSE_ISSUED_BEFORE', () => {
  it('gives the end of a second to a group or a scope', () => {
    expect(parse('api-client=2026-01-31T12:00:00Z')).toEqual({
      'api-client': Date.UTC(2026, 0, 31, 12, 0, 1),
    })
    expect(parse('app2/users.create=2024-02-29T23:59:59Z,service-user=1970-01-01T00:00:00Z')).toEqual({
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
    expect(parse(text)).toBeUndefined()
  })
})
