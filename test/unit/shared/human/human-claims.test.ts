import { describe, expect, it } from 'vitest'
import { readHumanClaims } from '#shared/human/human-claims.ts'
import { human, idpClaims, peopleIdp, peoplePool, poolClaims } from '#test/support/human-tokens.ts'

const now = Date.UTC(2026, 0, 1)
const seconds = now / 1_000

const readPool = (changes: object = {}, rules: object = {}, at = now, typ?: unknown) =>
  readHumanClaims({ ...poolClaims(now), ...changes }, { ...peoplePool, ...rules }, at, typ)
const readIdp = (changes: object = {}, rules: object = {}, at = now, typ?: unknown) =>
  readHumanClaims({ ...idpClaims(now), ...changes }, { ...peopleIdp, ...rules }, at, typ)
const refused = (reason: string) => ({ ok: false, reason })

describe('an access token of a user pool', () => {
  it('names its user, by the claim that is configured', () => {
    const claims = { issuer: peoplePool.issuer, sub: 'human-1', jti: 'token-1', expiresAt: now + 300_000 }

    expect(readPool()).toEqual({ ok: true, claims: { ...claims, humanUserId: human } })
    expect(readPool({}, { claim: 'sub' })).toEqual({ ok: true, claims: { ...claims, humanUserId: 'human-1' } })
    expect(readPool({ client_id: 'cliclient' })).toMatchObject({ ok: true })
  })

  it.each<[string, object, string]>([
    ['of another client', { client_id: 'otherclient' }, 'wrong_audience'],
    ['of a client whose id begins alike', { client_id: 'portalclient2' }, 'wrong_audience'],
    ['without a client', { client_id: undefined }, 'wrong_audience'],
    ['with a list of clients', { client_id: ['portalclient'] }, 'wrong_audience'],
    ['that has the audience in aud alone', { client_id: undefined, aud: 'portalclient' }, 'wrong_audience'],
    ['without token_use', { token_use: undefined }, 'wrong_token_use'],
    ['of another use', { token_use: 'refresh' }, 'wrong_token_use'],
    ['that is an ID token', { token_use: 'id', aud: 'portalclient' }, 'id_token'],
    ['of an app without a user', { username: undefined, sub: 'portalclient' }, 'machine_token'],
    ['with an empty username', { username: '' }, 'machine_token'],
    ['with a username that is no text', { username: 7 }, 'machine_token'],
    ['whose subject is its client', { sub: 'portalclient' }, 'machine_token'],
  ])('%s is refused', (_, changes, reason) => {
    expect(readPool(changes, { claim: 'sub' })).toEqual(refused(reason))
  })
})

describe('an access token of another issuer', () => {
  it.each<[string, object]>([
    ['one audience', { aud: 'latchkey' }],
    ['the other audience', { aud: 'api://latchkey' }],
    ['a list with one of them', { aud: ['https://other.example.com', 'latchkey'] }],
    ['an address that is verified, in text', { email_verified: 'true' }],
    ['what it is used for', { token_use: 'access' }],
    ['no id', { jti: undefined }],
    ['what kind of token it is', { typ: 'Bearer' }],
    [
      'no sign of a machine',
      { gty: 'password', idtyp: 'user', cid: 'portal', preferred_username: 'the-service-account-' },
    ],
  ])('with %s names its human', (_, changes) => {
    expect(readIdp(changes)).toMatchObject({ ok: true, claims: { issuer: peopleIdp.issuer, humanUserId: human } })
  })

  it.each<[string, object, string]>([
    ['for another audience', { aud: 'other' }, 'wrong_audience'],
    ['without an audience', { aud: undefined }, 'wrong_audience'],
    ['for nobody', { aud: [] }, 'wrong_audience'],
    ['for an audience deeper in', { aud: [['latchkey']] }, 'wrong_audience'],
    ['for an audience in another case', { aud: 'Latchkey' }, 'wrong_audience'],
    ['with its audience as a pool has it', { aud: undefined, client_id: 'latchkey' }, 'wrong_audience'],
    ['with a nonce', { nonce: 'n' }, 'id_token'],
    ['with the hash of an access token', { at_hash: 'h' }, 'id_token'],
    ['with the hash of a code', { c_hash: 'h' }, 'id_token'],
    ['with the hash of a state', { s_hash: 'h' }, 'id_token'],
    ['with a nonce that is null', { nonce: null }, 'id_token'],
    ['that says it is an ID token', { token_use: 'id' }, 'id_token'],
    ['of another use', { token_use: 'refresh' }, 'wrong_token_use'],
    ['whose subject is its client', { sub: 'portal' }, 'machine_token'],
    ['whose subject is its authorized party', { client_id: undefined, azp: 'human-1' }, 'machine_token'],
    ['of Auth0 for an app', { sub: 'x1@clients', azp: 'x1', gty: 'client-credentials' }, 'machine_token'],
    ['whose subject is a client of Auth0', { sub: 'x1@clients' }, 'machine_token'],
    ['granted to an app', { gty: 'client-credentials' }, 'machine_token'],
    ['of Okta for an app', { sub: '0oa1', cid: '0oa1' }, 'machine_token'],
    ['of Entra ID for an app', { idtyp: 'app' }, 'machine_token'],
    ['of Keycloak for an app', { preferred_username: 'service-account-portal', azp: 'portal' }, 'machine_token'],
    ['of Keycloak that is an ID token', { typ: 'ID' }, 'wrong_type'],
    ['of Keycloak that refreshes', { typ: 'Refresh' }, 'wrong_type'],
    ['whose kind is no text', { typ: 7 }, 'wrong_type'],
    ['that tells of a sign-out', { events: {} }, 'event_token'],
    ['that goes with a key', { cnf: { jkt: 'k' } }, 'sender_constrained'],
    ['whose address is not said to be verified', { email_verified: undefined }, 'unverified_email'],
    ['whose address is not verified', { email_verified: false }, 'unverified_email'],
    ['whose address is not verified, in text', { email_verified: 'false' }, 'unverified_email'],
  ])('%s is refused', (_, changes, reason) => {
    expect(readIdp(changes)).toEqual(refused(reason))
  })

  it('is not judged by its address where another claim names the human', () => {
    expect(readIdp({ email_verified: false }, { claim: 'sub' })).toMatchObject({ ok: true })
  })
})

describe.each([
  ['a user pool', readPool],
  ['another issuer', readIdp],
])('a token of %s', (_, read) => {
  it.each([undefined, 'JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt'])('may say that its type is %j', (typ) => {
    expect(read({}, {}, now, typ)).toMatchObject({ ok: true })
  })

  it.each(['logout+jwt', 'secevent+jwt', 'dpop+jwt', 'id_token', 'xat+jwt', '', 7, null])(
    'whose type is %j is refused',
    (typ) => {
      expect(read({}, {}, now, typ)).toEqual(refused('wrong_type'))
    },
  )

  it('lives for a day at most, from iat or else from now on', () => {
    const day = 24 * 3_600

    expect(read({ iat: seconds - 10, exp: seconds - 10 + day })).toMatchObject({ ok: true })
    expect(read({ iat: seconds - 10, exp: seconds - 9 + day })).toEqual(refused('lives_too_long'))
    expect(read({ iat: undefined, exp: seconds + day })).toMatchObject({ ok: true })
    expect(read({ iat: undefined, exp: seconds + day + 1 })).toEqual(refused('lives_too_long'))
  })

  it('is good until the millisecond before exp, and expired from exp on', () => {
    const exp = seconds + 10

    expect(read({ exp }, {}, now + 9_999)).toMatchObject({ ok: true })
    expect(read({ exp }, {}, now + 10_000)).toEqual(refused('expired'))
  })

  it.each<[object, string]>([
    [{ exp: undefined }, 'invalid_expiry'],
    [{ exp: seconds + 0.5 }, 'invalid_expiry'],
    [{ exp: String(seconds + 10) }, 'invalid_expiry'],
    [{ nbf: seconds + 1 }, 'not_yet_valid'],
    [{ iat: seconds + 61 }, 'not_yet_valid'],
  ])('with %j is refused', (changes, reason) => {
    expect(read(changes)).toEqual(refused(reason))
  })

  it.each<unknown>([undefined, '', 7, null, ['human-1'], 's'.repeat(256)])('whose subject is %j is refused', (sub) => {
    expect(read({ sub })).toEqual(refused('no_subject'))
  })

  it('may have a subject of 255 characters', () => {
    expect(read({ sub: 's'.repeat(255) })).toMatchObject({ ok: true, claims: { sub: 's'.repeat(255) } })
  })

  it.each<unknown>([undefined, '', 'a b', 'a\n', 'é', 7, null, ['a'], 'a'.repeat(257)])(
    'that names the human %j is refused',
    (name) => {
      expect(read({ human: name }, { claim: 'human' })).toEqual(refused('no_human'))
    },
  )

  it.each(['!', '~', 'a'.repeat(256)])('may name the human %j', (name) => {
    expect(read({ human: name }, { claim: 'human' })).toMatchObject({ ok: true, claims: { humanUserId: name } })
  })

  it('keeps the id that it has, 256 characters of it, if that is a text', () => {
    const idOf = (jti: unknown) => {
      const reading = read({ jti })
      return reading.ok ? reading.claims.jti : expect.fail()
    }

    expect(idOf('x'.repeat(300))).toBe('x'.repeat(256))
    expect([7, '', null].map(idOf)).toEqual([undefined, undefined, undefined])
  })
})
