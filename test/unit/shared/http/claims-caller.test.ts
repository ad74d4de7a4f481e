import { describe, expect, it } from 'vitest'
import type { ClientKind } from '#shared/access-rules.ts'
import { createClaimsReader } from '#shared/http/claims-caller.ts'

const now = Date.UTC(2026, 5, 15, 5, 0, 0)
const issuer = 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc'
const clients = new Map<string, ClientKind>([
  ['machine2', 'machine'],
  ['service2', 'service'],
])
const read = createClaimsReader({ issuer, clients }, { now: () => now })

/** As a REST API hands them over: all strings, the times as dates. */
const claims = {
  sub: 'machine2',
  token_use: 'access',
  scope: 'app2/users.create',
  auth_time: '1781499381',
  iss: issuer,
  exp: 'Mon Jun 15 05:56:21 UTC 2026',
  iat: 'Mon Jun 15 04:56:21 UTC 2026',
  version: '2',
  jti: '11111111-0000-4000-8000-000000000002',
  client_id: 'machine2',
}
const callerOf = (changes: Record<string, unknown>): unknown =>
  read({ authorizer: { claims: { ...claims, ...changes } } })

describe('the claims of API Gateway’s own authorizer', () => {
  it('are a machine, by its client and with its scopes', () => {
    expect(callerOf({})).toEqual({ kind: 'machine', sub: 'machine2', client: 'machine', scopes: ['app2/users.create'] })
    expect(callerOf({ client_id: 'service2', scope: 'app2/sample.call x/y' })).toMatchObject({
      client: 'service',
      scopes: ['app2/sample.call', 'x/y'],
    })
  })

  it('without a sub are known by the client’s id', () => {
    expect(callerOf({ sub: undefined })).toMatchObject({ sub: 'machine2' })
  })

  it.each([
    ['Mon Jun 15 05:00:01 UTC 2026', String(now / 1_000 + 1)],
    ['Thu Oct 01 00:00:00 UTC 2026', '1790812800'],
  ])('are good before they expire, at %s or at %s', (date, seconds) => {
    expect(callerOf({ exp: date })).toBeDefined()
    expect(callerOf({ exp: seconds })).toBeDefined()
  })

  it.each([
    'Mon Jun 15 05:00:00 UTC 2026',
    String(now / 1_000),
    '0',
    '',
    ' ',
    'never',
    'Infinity',
    '1e12',
    '-1',
    `${now / 1_000 + 1}.5`,
    '9999999999999',
    'Mon Jun 15 05:56:21 CET 2026',
    'Mon Jun 15 05:56:21 2026',
    'Tue Jun 15 05:56:21 UTC 2026',
    'Wed Jun 31 05:56:21 UTC 2026',
    'Mon Jun 15 05:56:21 UTC 2026 ',
    'Mon, 15 Jun 2026 05:56:21 GMT',
    '2026-06-15T05:56:21Z',
    1_781_503_200,
    undefined,
    null,
  ])('with the expiry %j are nobody', (exp) => {
    expect(callerOf({ exp })).toBeUndefined()
  })

  it.each([
    { token_use: 'id' },
    { token_use: undefined },
    { iss: `${issuer}x` },
    { iss: undefined },
    { client_id: 'machine1' },
    { client_id: undefined },
    { client_id: 'constructor' },
    { client_id: undefined, aud: 'machine2' },
    { scope: undefined },
    { scope: '' },
    { scope: 'app2/users.create  x' },
    { scope: 'app2/users.create\tx' },
    { scope: ['app2/users.create'] },
    { sub: '' },
    { sub: ['machine2'] },
    { username: 'orders-worker' },
    { username: '' },
    { username: null },
    { 'cognito:groups': 'api-client' },
    { 'cognito:groups': '' },
    { 'cognito:groups': [] },
  ])('with %j are nobody', (changes) => {
    expect(callerOf(changes)).toBeUndefined()
  })

  it.each([
    undefined,
    null,
    {},
    { authorizer: null },
    { authorizer: claims },
    { authorizer: { jwt: { claims } } },
    { authorizer: { claims: null } },
    { authorizer: { claims: JSON.stringify(claims) } },
    { authorizer: { claims: [claims] } },
    { claims },
    { authorizer: { sub: 'm', client: 'machine', token: 'machine', groups: '', scopes: 'app2/users.create' } },
  ])('elsewhere, or none (%j), are nobody', (requestContext) => {
    expect(read(requestContext)).toBeUndefined()
  })
})
