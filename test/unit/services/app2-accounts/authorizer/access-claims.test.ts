import { describe, expect, it } from 'vitest'
import { readAccessClaims } from '#services/app2-accounts/authorizer/access-claims.ts'
import {
  accessTokenClaims,
  machineScopeClaims,
  serviceScopeClaims,
  serviceUserClaims,
  testPool,
  testRules,
} from '#test/support/tokens.ts'

const now = Date.UTC(2026, 0, 1)
const nowSeconds = now / 1_000

const read = (changes: Record<string, unknown> = {}, at = now): ReturnType<typeof readAccessClaims> =>
  readAccessClaims({ ...accessTokenClaims(now), ...changes }, { ...testRules, now: at })

describe('readAccessClaims', () => {
  it('reads a machine user’s claims', () => {
    expect(read()).toEqual({
      ok: true,
      claims: {
        kind: 'user',
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

  it('is good until the millisecond before exp, and expired from exp on', () => {
    const exp = nowSeconds + 10

    expect(read({ exp }, now + 9_999)).toMatchObject({ ok: true })
    expect(read({ exp }, now + 10_000)).toEqual({ ok: false, reason: 'expired' })
    expect(read({ exp: 2 ** 53 - 1 })).toMatchObject({ ok: true })
  })

  it('nbf holds from its own second on, and iat may be ahead by a minute of clock skew', () => {
    expect(read({ nbf: nowSeconds })).toMatchObject({ ok: true })
    expect(read({ iat: nowSeconds + 60 })).toMatchObject({ ok: true })
    expect(read({ iat: undefined })).toMatchObject({ ok: true })
  })

  it.each([
    [undefined, []],
    [[], []],
    [
      [' api-client', 'API-CLIENT', 'api-client,x'],
      [' api-client', 'API-CLIENT', 'api-client,x'],
    ],
  ])('passes the groups %j on as %j', (claim, groups) => {
    expect(read({ 'cognito:groups': claim })).toMatchObject({ ok: true, claims: { groups } })
  })

  it.each(['aws.cognito.signin.user.admin', 'openid profile', 'APP2/users.create', undefined])(
    'the scope %j of a user’s token is no matter',
    (scope) => {
      expect(read({ scope })).toMatchObject({ ok: true, claims: { kind: 'user' } })
    },
  )
})

describe('a machine’s own token', () => {
  it('has its client’s kind and its scopes', () => {
    expect(read(machineScopeClaims)).toEqual({
      ok: true,
      claims: {
        kind: 'machine',
        client: 'machine',
        scopes: ['app2/users.create'],
        sub: testPool.machineScopeClientId,
        expiresAt: now + 3_600_000,
      },
    })
    expect(read(serviceScopeClaims)).toMatchObject({
      ok: true,
      claims: { kind: 'machine', client: 'service', scopes: ['app2/sample.call'] },
    })
  })

  it('is known by what its sub says, and without one by its client’s id', () => {
    expect(read({ ...machineScopeClaims, sub: 'some-sub' })).toMatchObject({ claims: { sub: 'some-sub' } })
    expect(read({ ...machineScopeClaims, sub: undefined })).toMatchObject({
      claims: { sub: testPool.machineScopeClientId },
    })
  })

  it('without a scope has none', () => {
    expect(read({ ...machineScopeClaims, scope: undefined })).toMatchObject({ ok: true, claims: { scopes: [] } })
  })
})

// All other tokens that are refused: test/support/refused-tokens.ts, which the verifier's tests play.
describe('what aws-jwt-verify would not hand on is refused here too', () => {
  it.each([
    ['exp', 'invalid_expiry', [null, '2000000000', Infinity, NaN, [nowSeconds + 60], true]],
    ['nbf', 'not_yet_valid', [null, String(nowSeconds)]],
    ['iat', 'not_yet_valid', [null, String(nowSeconds)]],
    ['sub', 'no_subject', [null, 7, {}, ['x']]],
    ['scope', 'malformed_scope', [null, 7, ['app2/users.create'], { scope: 'a' }]],
  ])('%s: %s', (name, reason, values) => {
    for (const value of values) expect(read({ [name]: value })).toEqual({ ok: false, reason })
  })

  it.each([
    ['sub', 'no_subject', [null, 7, {}, ['x']]],
    ['scope', 'malformed_scope', [null, 7, ['app2/users.create'], { scope: 'a' }]],
  ])('%s of a machine’s own token: %s', (name, reason, values) => {
    for (const value of values) expect(read({ ...machineScopeClaims, [name]: value })).toEqual({ ok: false, reason })
  })
})

describe('a cut-off', () => {
  const readWith = (cutOffs: Record<string, number>, changes: Record<string, unknown>): unknown => {
    const rules = { ...testRules, refuseIssuedBefore: new Map(Object.entries(cutOffs)) }
    const reading = readAccessClaims({ ...accessTokenClaims(now), ...changes }, { ...rules, now })
    return reading.ok || reading.reason
  }

  it('refuses a token of its group that was issued a second before, and none issued then', () => {
    expect(readWith({ 'api-client': now }, { iat: nowSeconds - 1 })).toBe('issued_before_cut_off')
    expect(readWith({ 'api-client': now }, { iat: nowSeconds })).toBe(true)
  })

  it('does the same by a machine’s scope', () => {
    const cutOffs = { 'app2/users.create': now }

    expect(readWith(cutOffs, { ...machineScopeClaims, iat: nowSeconds - 1 })).toBe('issued_before_cut_off')
    expect(readWith(cutOffs, { ...machineScopeClaims, iat: nowSeconds })).toBe(true)
  })

  it('refuses a token that does not say when it was issued', () => {
    expect(readWith({ 'api-client': 0 }, { iat: undefined })).toBe('issued_before_cut_off')
  })

  it('touches no token without its group or scope', () => {
    const cutOffs = { 'api-client': now, 'app2/users.create': now }

    expect(readWith(cutOffs, { ...serviceUserClaims, iat: nowSeconds - 1 })).toBe(true)
    expect(readWith(cutOffs, { ...serviceScopeClaims, iat: undefined })).toBe(true)
    expect(readWith({}, { iat: undefined })).toBe(true)
  })

  it('counts for a group among several', () => {
    const changes = { 'cognito:groups': ['other', 'service-user', 'api-client'], iat: nowSeconds - 1 }

    expect(readWith({ 'api-client': now }, changes)).toBe('issued_before_cut_off')
  })
})
