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

const groupsOf = (claim: unknown): unknown => {
  const reading = read({ 'cognito:groups': claim })
  if (!reading.ok) return reading.reason
  return reading.claims.kind === 'user' ? reading.claims.groups : reading.claims.kind
}

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

describe('a machine’s own token', () => {
  const readMachine = (changes: Record<string, unknown> = {}): ReturnType<typeof readAccessClaims> =>
    read({ ...machineScopeClaims, ...changes })

  it('has its client’s kind and its scopes', () => {
    expect(readMachine()).toEqual({
      ok: true,
      claims: {
        kind: 'machine',
        client: 'machine',
        scopes: ['app2/users.create'],
        sub: testPool.machineScopeClientId,
        expiresAt: now + 3_600_000,
      },
    })
    expect(read({ ...serviceScopeClaims })).toMatchObject({
      ok: true,
      claims: { kind: 'machine', client: 'service', scopes: ['app2/sample.call'] },
    })
  })

  it('is known by what its sub says, and without one by its client’s id', () => {
    expect(readMachine({ sub: 'some-sub' })).toMatchObject({ ok: true, claims: { sub: 'some-sub' } })
    expect(readMachine({ sub: undefined })).toMatchObject({
      ok: true,
      claims: { sub: testPool.machineScopeClientId },
    })
  })

  it.each([null, '', 7, {}, ['x']])('with the sub %j is no_subject', (sub) => {
    expect(readMachine({ sub })).toEqual({ ok: false, reason: 'no_subject' })
  })

  it.each(['a', '', null, 7, ['a']])('with the username %j is username_in_machine_token', (username) => {
    expect(readMachine({ username })).toEqual({ ok: false, reason: 'username_in_machine_token' })
  })

  it.each([['api-client'], [], 'api-client', null].map((groups) => ({ groups })))(
    'with groups ($groups) is groups_in_machine_token',
    ({ groups }) => {
      expect(readMachine({ 'cognito:groups': groups })).toEqual({ ok: false, reason: 'groups_in_machine_token' })
    },
  )

  it.each(['', 'a  b', 'a\tb', null, 7, ['app2/users.create'], { scope: 'a' }])(
    'with the scope %j is malformed_scope',
    (scope) => {
      expect(readMachine({ scope })).toEqual({ ok: false, reason: 'malformed_scope' })
    },
  )

  it('without a scope has none', () => {
    expect(readMachine({ scope: undefined })).toMatchObject({ ok: true, claims: { scopes: [] } })
  })
})

describe('a token of one kind by a client of the other', () => {
  it('is refused: the client says whether there is a user', () => {
    expect(read({ ...machineScopeClaims, client_id: testPool.machineClientId })).toEqual({
      ok: false,
      reason: 'no_username',
    })
    expect(read({ client_id: testPool.machineScopeClientId })).toEqual({
      ok: false,
      reason: 'username_in_machine_token',
    })
  })
})

describe('the scope of a user’s token', () => {
  it.each(['aws.cognito.signin.user.admin', 'openid profile', 'APP2/users.create', undefined])(
    '%j is no matter',
    (scope) => {
      expect(read({ scope })).toMatchObject({ ok: true, claims: { kind: 'user' } })
    },
  )

  it.each(['app2/users.create', 'aws.cognito.signin.user.admin app2/sample.call'])(
    '%j is scope_in_user_token',
    (scope) => {
      expect(read({ scope })).toEqual({ ok: false, reason: 'scope_in_user_token' })
    },
  )

  it.each(['', 'app2/users.create  x', ['app2/users.create'], null])('%j is malformed_scope', (scope) => {
    expect(read({ scope })).toEqual({ ok: false, reason: 'malformed_scope' })
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
