import { describe, expect, it } from 'vitest'
import { readAccessClaims } from '../../../../../services/app2-accounts/authorizer/access-claims.ts'
import { accessTokenClaims, serviceUserClaims, testClients, testPool } from '../../../../support/tokens.ts'

const now = Date.UTC(2026, 0, 1)
const nowSeconds = now / 1_000

const read = (changes: Record<string, unknown> = {}, at = now): ReturnType<typeof readAccessClaims> =>
  readAccessClaims({ ...accessTokenClaims(now), ...changes }, { clients: testClients, now: at })

const groupsOf = (claim: unknown): unknown => {
  const reading = read({ 'cognito:groups': claim })
  return reading.ok ? reading.claims.groups : reading.reason
}

describe('readAccessClaims', () => {
  it('reads a machine user’s claims', () => {
    expect(read()).toEqual({
      ok: true,
      claims: {
        sub: '0a1b2c3d-0000-4000-8000-00000000cafe',
        client: 'machine',
        groups: ['api-client'],
        expiresAt: now + 3_600_000,
      },
    })
  })

  it('takes the kind of client from client_id, not from the groups', () => {
    const reading = read({ ...serviceUserClaims, 'cognito:groups': ['api-client'] })

    expect(reading).toMatchObject({ ok: true, claims: { client: 'service', groups: ['api-client'] } })
  })

  it.each([undefined, null, 'id', 'Access', 'access ', ['access']])('token_use %j is wrong_token_use', (tokenUse) => {
    expect(read({ token_use: tokenUse })).toEqual({ ok: false, reason: 'wrong_token_use' })
  })

  it.each([undefined, null, '', 'other', `${testPool.machineClientId} `, [testPool.machineClientId], 'constructor'])(
    'client_id %j is unknown_client',
    (clientId) => {
      expect(read({ client_id: clientId })).toEqual({ ok: false, reason: 'unknown_client' })
    },
  )

  it('the audience does not stand in for the client id', () => {
    const claims = { client_id: undefined, aud: testPool.machineClientId }

    expect(read(claims)).toEqual({ ok: false, reason: 'unknown_client' })
  })

  it.each([undefined, null, '2000000000', nowSeconds + 0.5, 2 ** 53, Infinity, NaN, [nowSeconds + 60], true])(
    'exp %j is invalid_expiry',
    (exp) => {
      expect(read({ exp })).toEqual({ ok: false, reason: 'invalid_expiry' })
    },
  )

  it('the largest safe integer is an expiry', () => {
    expect(read({ exp: 2 ** 53 - 1 })).toMatchObject({ ok: true })
  })

  it('is good until the millisecond before exp, and expired from exp on', () => {
    const exp = nowSeconds + 10

    expect(read({ exp }, now + 9_999)).toMatchObject({ ok: true })
    expect(read({ exp }, now + 10_000)).toEqual({ ok: false, reason: 'expired' })
    expect(read({ exp: -1 })).toEqual({ ok: false, reason: 'expired' })
  })

  it('nbf holds from its own second on, without grace', () => {
    expect(read({ nbf: nowSeconds })).toMatchObject({ ok: true })
    expect(read({ nbf: nowSeconds + 1 })).toEqual({ ok: false, reason: 'not_yet_valid' })
    expect(read({ nbf: String(nowSeconds) })).toEqual({ ok: false, reason: 'not_yet_valid' })
    expect(read({ nbf: null })).toEqual({ ok: false, reason: 'not_yet_valid' })
  })

  it('iat may be ahead by a minute of clock skew and no more', () => {
    expect(read({ iat: undefined })).toMatchObject({ ok: true })
    expect(read({ iat: nowSeconds + 60 })).toMatchObject({ ok: true })
    expect(read({ iat: nowSeconds + 61 })).toEqual({ ok: false, reason: 'not_yet_valid' })
  })

  it.each([undefined, null, '', 7, {}, ['x']])('sub or username %j is refused', (name) => {
    expect(read({ sub: name })).toEqual({ ok: false, reason: 'no_subject' })
    expect(read({ username: name })).toEqual({ ok: false, reason: 'no_username' })
  })

  it('an absent group claim is no group, and so is an empty one', () => {
    expect(groupsOf(undefined)).toEqual([])
    expect(groupsOf([])).toEqual([])
  })

  it('passes group names on as they are', () => {
    expect(groupsOf([' api-client', 'API-CLIENT', 'api-client,x'])).toEqual([
      ' api-client',
      'API-CLIENT',
      'api-client,x',
    ])
  })

  it.each([
    null,
    'api-client',
    'api-client,service-user',
    { 0: 'api-client', length: 1 },
    [['api-client']],
    ['a', 1],
    [null],
  ])('groups as %j are malformed_groups', (claim) => {
    expect(groupsOf(claim)).toBe('malformed_groups')
  })

  it('cognito:roles gives no group', () => {
    const reading = read({ 'cognito:groups': undefined, 'cognito:roles': ['api-client'], groups: ['api-client'] })

    expect(reading).toMatchObject({ ok: true, claims: { groups: [] } })
  })
})
